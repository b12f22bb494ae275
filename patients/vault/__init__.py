"""Secrets in rows: locked with keys that are not in the database, so that a copy of it opens nothing."""

"""Encrypts secrets in rows with keys that are not in the database. May import: values."""

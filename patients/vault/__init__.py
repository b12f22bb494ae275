"""Locking what must stay secret, with keys that are not in the database. May import: values."""

"""Backup and restore: encrypted copies of the records, each tried right after it was made."""

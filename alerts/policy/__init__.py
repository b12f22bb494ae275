"""Escalation plans of a clinic: what they say and how far they bend. May import: models."""

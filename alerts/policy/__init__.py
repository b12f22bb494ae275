"""Escalation plans of a clinic, and the bounds within which it may change them. May import: models."""

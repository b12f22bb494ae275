"""The current state of a recovery: turn rows into the plain values that triage and plan read.

May import: models, settings.
"""

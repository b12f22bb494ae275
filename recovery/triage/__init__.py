"""Triage: rules as data, run by a pure function. Uses the standard library only."""

"""Triage: rules as data, judged by a pure function. Standard library only."""

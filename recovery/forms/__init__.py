"""The daily log as a form, built from the questions of the rule book. May import: triage, wording."""

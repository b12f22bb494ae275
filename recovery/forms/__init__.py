"""The form of the log, built from the questions of the rule book. May import: triage, wording."""

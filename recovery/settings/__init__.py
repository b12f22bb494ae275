"""A clinic's own settings: rows in, the config of triage and plan out. May import: triage, plan."""

"""Where a recovery stands: rows in, the plain values of triage and plan out. May import: models, settings."""

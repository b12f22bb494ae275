"""What staff do about a patient, and what it changes. May import: logs, plan."""

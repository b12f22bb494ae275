"""The actions of staff on a patient and their effects on alerts and plan. May import: logs, plan."""

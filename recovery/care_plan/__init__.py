"""The plan of one recovery as rows, and sending its notes. May import: logs, plan."""

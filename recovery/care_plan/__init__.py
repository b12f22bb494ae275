"""Keep each recovery's plan in rows and send its notes. May import: logs, plan."""

"""Every promise, kept or broken, and the runbook. May import: desk words."""

"""The status page with every promise, and the runbook. May import: desk words."""

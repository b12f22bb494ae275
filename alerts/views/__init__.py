"""Pages of staff: on-call week, escalation, contact methods, webhooks, deliveries. May import: all."""

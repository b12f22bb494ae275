"""Messages that do not wait in the outbox, and what became of them. May import: selectors, models."""

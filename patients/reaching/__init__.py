"""Sign-in messages sent outside the outbox, and outcomes of messages to staff. May import: selectors, models."""

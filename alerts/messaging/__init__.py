"""Messages on their way: outbox, sending, receipts, replies, ways to reach staff. May import: models, sweeping."""

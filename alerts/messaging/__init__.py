"""Messages: outbox, sending, receipts, replies by text, ways to reach staff. May import: models, sweeping."""

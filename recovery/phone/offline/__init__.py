"""What a phone needs with no signal: facts, keys, pages, the worker. May import: phone.log."""

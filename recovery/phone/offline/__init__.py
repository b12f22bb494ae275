"""What a phone needs without signal: facts, keys, pages, the service worker. May import: phone.log."""

"""Key rotation: finds all locked secrets and locks them with a new key. May import: services, sign_in."""

"""Signing in, sessions, second factors and rate limits. May import: reaching, selectors."""

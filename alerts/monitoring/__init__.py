"""Promises, the watchdog and its own way to people, measures. May import: all rooms but screens."""

"""Promises, the watchdog with its second route, and measures. May import: all rooms but screens."""

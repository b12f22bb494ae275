"""A made-up patient who proves every ten minutes that an urgent log is answered. May import: logs."""

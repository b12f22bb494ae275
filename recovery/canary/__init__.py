"""A made-up patient whose urgent log checks every ten minutes that alerts work. May import: logs."""

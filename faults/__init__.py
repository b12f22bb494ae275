"""Break real parts of the running product, then count what was lost: `bin/faults` (docs/howto/faults.md)."""

"""Notice when records are changed or lost: seals, restores, copies. May import: models."""

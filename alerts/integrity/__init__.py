"""Records that must not change or be lost unseen: seals, restores, copies. May import: models."""

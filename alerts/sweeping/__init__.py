"""How sweeps handle due rows one by one, so that no row stops another. May import: models, clock."""

"""Every sweep walks its rows one by one, and one row stops no other. May import: models, clock."""

"""The list of who needs a person, and the lines above it. May import: desk.alert."""

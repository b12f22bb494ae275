"""The worklist of patients who need staff, and the lines above it. May import: desk.alert."""

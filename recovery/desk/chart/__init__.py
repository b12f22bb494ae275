"""One patient's whole story. May import: desk.worklist, desk.alert."""

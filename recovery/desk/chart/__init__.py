"""The chart of one patient. May import: desk.worklist, desk.alert."""

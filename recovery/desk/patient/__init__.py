"""What staff record about a patient at any time. May import: desk.alert."""

"""What staff write down about a patient at any time. May import: desk.alert."""

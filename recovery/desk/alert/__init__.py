"""What staff do about an alert, and its history. May import: desk words."""

"""The pages on which staff answer an alert, and its history. May import: desk words."""

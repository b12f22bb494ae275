"""How alerts were answered, in numbers. May import: desk words."""

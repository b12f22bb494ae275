"""The rule book, a clinic's settings and trying them on its own past. May import: desk words."""

"""Figures about alerts and how they were answered. May import: desk words."""

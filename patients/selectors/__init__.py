"""Queries about people: who they are, how they are reached, who works where. May import: models, values."""

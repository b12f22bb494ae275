"""The rule book, the clinic's settings, and a replay of changed settings on past logs. May import: desk words."""

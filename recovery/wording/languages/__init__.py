"""What patients read of the rule book, the plan and the cards, in other languages than English: one file each."""

"""Who is on call and when nobody is: shifts, swaps, the week. May import: models, messaging."""

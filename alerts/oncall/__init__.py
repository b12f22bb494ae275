"""Who is on call: shifts, swaps, the week and its gaps. May import: models, messaging."""

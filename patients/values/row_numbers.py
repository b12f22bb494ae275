"""PURE: the number of a row as a form or an address sends it."""

# The database counts further (19 digits), but no table gets there, also not after restores, which skip numbers.
MOST_DIGITS = 18


def row_number(given: str) -> int | None:
    """Return the number of 1 to 18 ASCII digits; None for anything else."""
    return int(given) if given.isascii() and given.isdigit() and len(given) <= MOST_DIGITS else None

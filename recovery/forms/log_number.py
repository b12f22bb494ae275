"""Read the place of a log in its phone's sequence. A malformed one counts as not sent and never refuses a log."""

import uuid
from typing import Any, TypeGuard

from recovery.state.phone_counts import LARGEST, MOST_GONE, Count


def read_count(sent: Any) -> Count | None:
    """Read {"sequence": a UUID, "number": 3, "last": 5, "gone": [2]}; return None for anything else."""
    if not isinstance(sent, dict):
        return None
    sequence, number, last, gone = sent.get("sequence"), sent.get("number"), sent.get("last"), sent.get("gone")
    if not _is_number(number) or not _is_number(last) or number > last or not isinstance(sequence, str):
        return None
    if not isinstance(gone, list) or len(gone) > MOST_GONE or not all(_is_number(one, last) for one in gone):
        return None
    try:
        return Count(uuid.UUID(sequence), number, last, tuple(gone))
    except ValueError:
        return None


def _is_number(value: Any, most: int = LARGEST) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most

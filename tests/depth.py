"""How much is tried: everything, or, for `bin/test --fast`, a sample of what is tried by the thousand."""

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

FAST = os.environ.get("TEST_DEPTH") == "fast"
# Of the examples and the cases that a test tries in full, a fast run tries one in so many.
ONE_IN = 20
# As few as find a plain mistake.
FEWEST = 10
Case = TypeVar("Case")


def examples(count: int, fewest: int = FEWEST) -> int:
    """So many in full; a share of them in a fast run, though not less than fewest."""
    return min(count, max(count // ONE_IN, fewest)) if FAST else count


def some(cases: Iterable[Case], one_in: int = ONE_IN) -> Iterator[Case]:
    """All of them in full; every one in so many in a fast run, from the first to the last."""
    return islice(cases, 0, None, one_in if FAST else 1)

"""How much is tried: everything, or, for `bin/test --fast`, a sample of what is tried by the thousand.

Of a table of cases that go through the database a fast run tries one: another with each commit.
"""

import os
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

import pytest

FAST = os.environ.get("TEST_DEPTH") == "fast"
# Of the examples and the cases that a test tries in full, a fast run tries one in so many.
ONE_IN = 20
# As few as find a plain mistake.
FEWEST = 10
# Which case of a table: bin/test names the commit.
SEED = os.environ.get("TEST_SEED", "")
Case = TypeVar("Case")


def examples(count: int, fewest: int = FEWEST) -> int:
    """So many in full; a share of them in a fast run, though not less than fewest."""
    return min(count, max(count // ONE_IN, fewest)) if FAST else count


def some(cases: Iterable[Case], one_in: int = ONE_IN) -> Iterator[Case]:
    """All of them in full; every one in so many in a fast run, from the first to the last."""
    return islice(cases, 0, None, one_in if FAST else 1)


def one_case_of_each(items: list[pytest.Item]) -> list[pytest.Item]:
    """All of them in full; in a fast run one case of each table of cases that go through the database."""
    tables: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        tables[item.nodeid.partition("[")[0] if _asks_the_database(item) else item.nodeid].append(item)
    chosen = {cases[zlib.crc32(f"{SEED}{name}".encode()) % len(cases)] for name, cases in tables.items()}
    return [item for item in items if item in chosen] if FAST else items


def _asks_the_database(item: pytest.Item) -> bool:
    return bool({"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))) or bool(
        item.get_closest_marker("django_db")
    )

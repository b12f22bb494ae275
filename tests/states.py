"""docs/states.md as data: tests walk its tables, so that the document cannot say what the code does not."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from ops.up import ROOT

STATES = ROOT / "docs" / "states.md"


def table(title: str) -> list[dict[str, str]]:
    """The rows of the one table under a heading, each by the names of its columns."""
    text = STATES.read_text(encoding="utf-8")
    part = text.split(f"# {title}\n", 1)[1].split("\n#", 1)[0]
    head, _, *rows = [_cells(line) for line in part.splitlines() if line.startswith("|")]
    assert all(len(row) == len(head) for row in rows), title
    return [dict(zip(head, row, strict=True)) for row in rows]


def by_act(title: str) -> dict[str, dict[str, str]]:
    """What comes of each act in each state, from a table whose first column are acts and the others states."""
    found = {}
    for row in table(title):
        (_, act), *cells = row.items()
        found[act] = dict(cells)
    return found


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside is taken back: the next pair starts from the same people."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]

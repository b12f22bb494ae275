"""What the page of a sheet shows: a page of rows of one group, with what is wrong beside each cell."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from patients.importing.columns import BY_NAME
from patients.importing.rows import counts
from patients.models import PatientSheet, SheetRow

Outcome = SheetRow.Outcome
# Rows with fields to type in are few, so that a form stays below the bound of fields.
PAGE_ROWS, FIX_ROWS = 50, 20
# Columns of the page, and the fields that stand in each.
SHOWN = {
    "name": ("Name", ("full_name", "first_name", "last_name")),
    "mrn": ("Record", ("mrn",)),
    "birth_date": ("Born", ("birth_date",)),
    "phone": ("Phone, e-mail", ("phone", "email")),
    "levels": ("Levels", ("levels",)),
    "ended_on": ("Procedure ended", ("ended_on", "ended_time")),
    "surgeon": ("Surgeon", ("surgeon",)),
}
GROUPS = {
    "fix": ("To fix", (Outcome.WRONG,)),
    "here": ("Already here", (Outcome.UPDATE, Outcome.SAME, Outcome.UPDATED)),
    "new": ("New", (Outcome.NEW, Outcome.ENROLLED)),
}
TICKS = {
    "last_name": ("another_person", "Another person"),
    "mrn": ("another_person", "It is the same patient"),
    "phone": ("shared", "They share it"),
    "email": ("shared", "They share it"),
}


@dataclass(frozen=True)
class Fix:
    """A field to type in: its address in the form, its words, what the file has, and what is wrong."""

    name: str
    field: str
    label: str
    value: str
    text: str


@dataclass(frozen=True)
class Cell:
    """One cell of the page: what was read, or the fields to fix."""

    label: str
    words: str
    fixes: list[Fix]


@dataclass(frozen=True)
class RowView:
    """One row of the page. ticks: what staff can say about it, as (name, words, ticked)."""

    row: SheetRow
    cells: list[Cell]
    ticks: list[tuple[str, str, bool]]
    # What is wrong with fields that have no cell of their own.
    others: list[Fix]


@dataclass(frozen=True)
class Preview:
    """One page of a group. groups: key, words, count, whether it is shown."""

    groups: list[tuple[str, str, int, bool]]
    group: str
    rows: list[RowView]
    columns: list[str]
    after: int | None
    new: int
    updates: int
    same: int
    wrong: int

    @property
    def to_do(self) -> bool:
        """Whether an import would do anything."""
        return bool(self.new or self.updates)


def preview(sheet: PatientSheet, group: str, after: int) -> Preview:
    """Return a page of the group after the row with this number; without a group, the first that has rows."""
    found = counts(sheet)
    in_group = {key: sum(found[outcome] for outcome in outcomes) for key, (_, outcomes) in GROUPS.items()}
    group = group if group in GROUPS else next((key for key, count in in_group.items() if count), "new")
    most = FIX_ROWS if group == "fix" else PAGE_ROWS
    rows = sheet.rows.filter(outcome__in=GROUPS[group][1], number__gt=after).select_related("patient")
    page = list(rows.order_by("number")[: most + 1])
    return Preview(
        groups=[(key, words, in_group[key], key == group) for key, (words, _) in GROUPS.items()],
        group=group,
        rows=[_view(sheet, row) for row in page[:most]],
        columns=[label for label, _ in SHOWN.values()],
        after=page[most - 1].number if len(page) > most else None,
        new=found[Outcome.NEW] + found[Outcome.ENROLLED],
        updates=found[Outcome.UPDATE] + found[Outcome.UPDATED],
        same=found[Outcome.SAME],
        wrong=found[Outcome.WRONG],
    )


def _view(sheet: PatientSheet, row: SheetRow) -> RowView:
    fixes = [_fix(sheet, row, problem) for problem in row.problems]
    cells = []
    for key, (label, fields) in SHOWN.items():
        also = row.read.get("email", "") if key == "phone" else ""
        words = " ".join(filter(None, (row.read.get(key, ""), also)))
        cells.append(Cell(label, words, [fix for fix in fixes if fix.field in fields]))
    placed = {name for _, fields in SHOWN.values() for name in fields}
    wrong = {problem["field"] for problem in row.problems}
    ticks = {TICKS[name] for name in wrong if name in TICKS and _can_be_said(row, name)}
    ticks |= {TICKS["phone"]} if row.shared else set()
    ticks |= {TICKS["last_name"]} if row.another_person else set()
    said = [(name, words, getattr(row, name)) for name, words in sorted(ticks)]
    return RowView(row, cells, said, [fix for fix in fixes if fix.field not in placed])


def _can_be_said(row: SheetRow, name: str) -> bool:
    """Return whether the problem is a question that staff can answer with a tick."""
    return any(problem["field"] == name and problem["text"].endswith("?") for problem in row.problems)


def _fix(sheet: PatientSheet, row: SheetRow, problem: dict[str, str]) -> Fix:
    name = problem["field"]
    column = sheet.columns.get(name)
    value = row.cells[column] if column is not None and column < len(row.cells) else ""
    label = BY_NAME[name].label if name in BY_NAME else name
    # Without a column of its own there is nothing to type in.
    return Fix(f"c{row.number}.{name}" if column is not None else "", name, label, value, problem["text"])


def rows_to_fix(sheet: PatientSheet, out: Any) -> None:
    """Write the wrong rows as CSV, as they were, with what to do in a last column."""
    writer = csv.writer(out)
    writer.writerow([*map(_harmless, sheet.header), "What to fix"])
    for row in _wrong(sheet):
        texts = "; ".join(f"{BY_NAME[one['field']].label}: {one['text']}" for one in row.problems)
        writer.writerow([*map(_harmless, row.cells), _harmless(texts)])


def _wrong(sheet: PatientSheet) -> Iterator[SheetRow]:
    yield from sheet.rows.filter(outcome=Outcome.WRONG).order_by("number").iterator(chunk_size=500)


def _harmless(cell: str) -> str:
    """Return a cell that a program for sheets shows, and never runs as a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell

"""A problem of a rule book: its file, row and reason."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """`row` is the id, key, name or code of a row, "rule 3" for the third row without one, or empty.

    line: counted from 1; 0 when unknown.
    """

    file: str
    row: str
    reason: str
    line: int = 0

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(filter(None, (place, self.row, self.reason)))


class RulebookError(ValueError):
    """The rule book may not be used; the text names file, line, row and reason, one problem per line."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems

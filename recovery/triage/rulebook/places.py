"""Find the line of a row in its file, for error messages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from recovery.triage.problem import Problem

_HEADER = re.compile(r"\[\[(\w+)\]\]")
_NAMED = re.compile(r"""\s*\{?"?(?:id|key|name|code)"?\s*[=:]\s*["']([^"']+)["']""")
_KEY = re.compile(r"(?:\[(\w+)\]$|(\w+) = )")


def located(problems: Iterable[Problem], folder: Path) -> Iterator[Problem]:
    """Return the problems with their lines filled in, where the file and the row can be found in this folder."""
    for problem in problems:
        file = folder / problem.file
        known = lines_of(file.read_text(encoding="utf-8")) if file.is_file() else {}
        yield problem._replace(line=problem.line or known.get(problem.row, 0))


def lines_of(text: str) -> dict[str, int]:
    """Return the line of each row. A repeated row name gives the later line, a repeated key the first."""
    named: dict[str, int] = {}
    others: dict[str, int] = {}
    met: Counter[str] = Counter()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            met[header[1]] += 1
            others[f"{header[1]} {met[header[1]]}"] = number
        elif name := _NAMED.match(line):
            named[name[1]] = number
        elif key := _KEY.match(line):
            others.setdefault(key[1] or key[2], number)
    return {**others, **named}

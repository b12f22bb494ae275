"""Load a trial rule book: some files of its own, all others from the product."""

from __future__ import annotations

import shutil
from filecmp import cmp
from pathlib import Path
from tempfile import TemporaryDirectory

from recovery.triage.problem import Problem, RulebookError
from recovery.triage.rulebook import rulebook_in
from recovery.triage.rulebook.files import FOLDER, LANGUAGES, TABLES
from recovery.triage.shapes import Rulebook

MAX_FILE_BYTES = 1_000_000
KINDS = (".toml", ".json")
# The files that affect verdicts; the product's other files (settings, coverage) are used unchanged.
NAMES = frozenset(
    (
        *(f"{name}.toml" for name in (*TABLES, *LANGUAGES, "concepts", "defaults")),
        "questions.json",
        "patient.json",
        "sources.json",
    )
)


def tried_rulebook(place: Path) -> Rulebook:
    """Return the rule book with the files of this folder, or this one file, in place of the product's.

    RulebookError names file, line, row and reason, one problem per line; OSError when the path cannot be read.
    """
    place.stat()  # raises OSError when the path does not exist
    own = [file for file in (sorted(place.iterdir()) if place.is_dir() else [place]) if file.suffix in KINDS]
    if problems := list(_not_usable(own)):
        raise RulebookError(*problems)
    with TemporaryDirectory(prefix="rulebook-") as name:
        folder = Path(name)
        for file in (*(file for file in FOLDER.iterdir() if file.suffix in KINDS), *own):
            shutil.copyfile(file, folder / file.name)
        return rulebook_in(folder)


def _not_usable(own: list[Path]) -> list[Problem]:
    if not own:
        return [Problem("rule book", "", f"no file here is named like one of {', '.join(sorted(NAMES))}")]
    unknown = [Problem(file.name, "", why) for file in own if file.name not in NAMES and (why := _strange(file))]
    large = [file.name for file in own if file.stat().st_size > MAX_FILE_BYTES]
    return unknown + [Problem(name, "", f"is longer than {MAX_FILE_BYTES} bytes") for name in large]


def _strange(file: Path) -> str:
    """Return why a file that affects no verdict cannot be tried; "" when it is part of a copied folder."""
    ours = FOLDER / file.name
    if not ours.exists():
        return "is not a file of the rule book"
    return "" if cmp(file, ours, shallow=False) else "does not change how a log is judged: leave it out"

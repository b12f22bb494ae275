"""Wrongs in what the phone runs, and how many cases it takes until one shows."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recovery.management.phone_engine import MODULES, SCRIPTS
from tests.triage import mutants
from tests.triage.mutants import Site

RUNNER = Path(__file__).with_name("mutants_phone.mjs")


def texts() -> dict[str, str]:
    return {name: (SCRIPTS / name).read_text(encoding="utf-8") for name in MODULES}


def sites(known: dict[str, str]) -> Iterator[Site]:
    for file in MODULES:
        yield from mutants.in_javascript(file, known[file])
    file = "rulebook.js"
    text = known[file]
    yield from mutants.rows_of_lines(file, text, r'(?:\{id:|\["P\d)')
    yield from mutants.replaced(file, text, "wrong default", r'\?\?("(?:no|none|both_move|na|ok)")', '"unsaid"')
    yield from mutants.replaced(file, text, "tier changed", r'tier:"(call_\w+)"', "watch")
    yield from mutants.replaced(file, text, "sign changed", r'sign:"((?!rash)\w+)"', "rash")
    yield from mutants.replaced(file, text, "hard flag dropped", r"(,hard:true)", "")
    yield from mutants.replaced(
        file, text, "fresh flag dropped", r'tier:"call_doctor_now"[^\n]*?(,fresh:f=>[^\n]*?)(?:,worse|\},)', ""
    )
    yield from mutants.replaced(file, text, "source dropped", r'sources:\[("[^"]*",?)', "")
    yield from mutants.replaced(file, text, "message changed", r'(?:message|text):"([^"]*)"', "Call.")
    yield from mutants.replaced(file, text, "specificity raised", r"specificity:([12])\b", "9")
    yield from mutants.replaced(file, text, "specificity lowered", r"specificity:([3-9])\b", "0")
    yield from mutants.replaced(file, text, "number up", r"^\w+:\d*?(\d),$", "9")


def first_differences(node: str, found: list[Site], cases: list[Any], truth: list[Any], folder: Path) -> list[int]:
    """For each wrong, made in a copy, the number of the first case it shows on, counted from 1; 0 when on none.

    One Node for all of them. A copy that cannot be loaded, or stops, shows on the case it stops at.
    """
    known = texts()
    for number, site in enumerate(found):
        copy = folder / str(number)
        copy.mkdir()
        for name in MODULES:
            shutil.copy(SCRIPTS / name, copy)
        (copy / site.file).write_text(site.apply(known[site.file]), encoding="utf-8")
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    (folder / "cases.json").write_text(json.dumps({"cases": cases, "truth": truth}), encoding="utf-8")
    argv = [node, str(RUNNER), str(folder), str(len(found))]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=300)
    answers: list[int] = json.loads(done.stdout)
    return answers

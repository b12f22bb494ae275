"""Wrongs in the rule book's files and in the Python that reads them, and a judge made from each."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from recovery.triage.build import build_rulebook
from recovery.triage.rulebook import load_rulebook
from recovery.triage.rulebook.files import FOLDER, read_content
from recovery.triage.shapes import Rulebook
from recovery.triage.verdict import Verdict
from tests.triage import mutants
from tests.triage.mutants import Site

TRIAGE = FOLDER.parent
# In the order in which they import each other, so that a fresh one finds the fresh ones below it.
MODULES = ("past", "numbers", "facts", "known", "latch", "engine")
TIER_FILES = ("call_911.toml", "call_doctor_now.toml", "watch.toml")
FILES = (
    *TIER_FILES,
    "latch.toml",
    "derived.toml",
    "signs.toml",
    "notices.toml",
    "priorities.toml",
    "defaults.toml",
)

# Of the signs that an acknowledgement can quiet at all.
QUIETED = r'^tier = "call_doctor_now"\n(?:seen_within_hours = \d+\n)?(?:#[^\n]*\n)?(fresh = [^\n]*\n)'

Judge = Callable[..., Verdict]


def texts() -> dict[str, str]:
    """Everything of the server's side that can be wrong, by file."""
    files = [FOLDER / name for name in (*FILES, "questions.json")]
    files += [TRIAGE / f"{name}.py" for name in MODULES]
    return {file.name: file.read_text(encoding="utf-8") for file in files}


def sites(known: dict[str, str]) -> Iterator[Site]:
    for name in MODULES:
        yield from mutants.in_python(f"{name}.py", known[f"{name}.py"])
    for file in FILES:
        yield from _in_table(file, known[file])
    yield from mutants.replaced(
        "questions.json", known["questions.json"], "wrong default", r'"default": ("(?:no|none)")', '"unsaid"'
    )
    yield from _in_defaults(known["defaults.toml"])


def _in_table(file: str, text: str) -> Iterator[Site]:
    for match in re.finditer(r"(?:when|is|fresh|worse|guard) = \"([^\"]*)\"", text):
        yield from mutants.in_condition(file, match[1], match.start(1))
    yield from _rows(file, text)
    if file in ("signs.toml", "latch.toml"):
        yield from mutants.replaced(file, text, "tier changed", r'tier = "(?!watch")(\w+)"', "watch")
    if file == "signs.toml":
        yield from mutants.replaced(file, text, "hard flag dropped", r"^(seen_within_hours = \d+\n)", "")
        yield from mutants.replaced(file, text, "fresh flag dropped", QUIETED, "")
    if file in TIER_FILES:
        yield from mutants.replaced(file, text, "sign changed", r'^sign = "((?!rash)\w+)"', "rash")
        yield from mutants.replaced(file, text, "specificity raised", r"^specificity = ([12])\b", "9")
        yield from mutants.replaced(file, text, "specificity lowered", r"^specificity = ([3-9])\b", "0")
    yield from mutants.replaced(file, text, "source dropped", r'^sources = \[("[^"]*"(?:, )?)', "")
    yield from mutants.replaced(file, text, "message changed", r'^(?:message|text) = "([^"]*)"', "Call.")


def _rows(file: str, text: str) -> Iterator[Site]:
    """A table row dropped, or in the other order with the next."""
    rows = list(re.finditer(r"^\[\[(?:rule|notice|priority)\]\]\n(?:(?!\[\[).*\n?)+", text, re.MULTILINE))
    for one, two in zip(rows, [*rows[1:], None], strict=False):
        yield Site(file, "row dropped", one.start(), one.end(), "")
        if two and not mutants.same_priority(one[0], two[0]):
            yield Site(file, "rows swapped", one.start(), two.end(), f"{two[0].rstrip()}\n\n{one[0].rstrip()}\n\n")


def _in_defaults(text: str) -> Iterator[Site]:
    file = "defaults.toml"
    yield from mutants.replaced(file, text, "number up", r"\{ is = [\d.]*?(\d),", "9")
    yield from mutants.replaced(file, text, "silence phase moved", r"^(?:until_h|gap_h) = (\d+)", r"1\1")


def broken_judge(site: Site, known: dict[str, str], scratch: Path) -> Judge:
    """A judge with this one wrong in it; RulebookError when it is refused before anything is judged."""
    text = site.apply(known[site.file])
    if site.file.endswith(".py"):
        return judge_of(fresh_modules(site.file.removesuffix(".py"), text), load_rulebook())
    for source in FOLDER.glob("*.[tj][os]*"):
        (scratch / source.name).write_bytes(source.read_bytes())
    (scratch / site.file).write_text(text, encoding="utf-8")
    # Without the checks of a start: the comparison alone must see it.
    wrong = build_rulebook(read_content.__wrapped__(scratch), load_rulebook().hash)
    return judge_of({name: sys.modules[f"recovery.triage.{name}"] for name in MODULES}, wrong)


def judge_of(modules: dict[str, ModuleType], rulebook: Rulebook) -> Judge:
    """The way of evaluate.judge, through these modules."""
    facts, engine = modules["facts"], modules["engine"]

    def judge(patient: Any, hours: Any, log: Any, history: Any, *config: Any) -> Verdict:
        found: Verdict = engine.evaluate(
            facts.build_facts(patient, hours, log, history, rulebook, *config), rulebook
        )
        return found

    return judge


def fresh_modules(wrong: str, text: str) -> dict[str, ModuleType]:
    """All modules of the evaluator anew, one of them with this text; those in use stay as they are."""
    names = {name: f"recovery.triage.{name}" for name in MODULES}
    kept = {full: sys.modules[full] for full in names.values()}
    made: dict[str, ModuleType] = {}
    try:
        for name, full in names.items():
            made[name] = sys.modules[full] = ModuleType(full)
            source = text if name == wrong else (TRIAGE / f"{name}.py").read_text(encoding="utf-8")
            exec(compile(source, f"{name}.py", "exec"), made[name].__dict__)
    finally:
        sys.modules.update(kept)
    return made

"""Would a wrong in how words are heard be noticed? Every one in free_text.js is tried, whatever the seed."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from recovery.management.phone_engine import SCRIPTS
from recovery.triage.free_text import found_concepts, written_facts
from recovery.triage.measured import LINES
from recovery.triage.rulebook import load_rulebook
from tests.triage import mutants
from tests.triage.counter import Counter
from tests.triage.heard_words import HEARD
from tests.triage.known_words import STANDS
from tests.triage.mutants_left_out import tried
from tests.triage.phone import NO_ENGINE

pytestmark = pytest.mark.thorough
RUNNER = Path(__file__).with_name("mutants_words.mjs")
FILE = "free_text.js"
FREE_TEXT = load_rulebook().content["free_text"]
NOT_NOW = {"notes_confirm": "not_now"}
FACTS = ("says_911", "says_doctor_now", "says_self_harm", "words_written")


def logs() -> list[dict[str, Any]]:
    """The telling texts first, then all that were read by hand, and some whose question was answered."""
    made = [(note, asked, by) for note, asked, by in HEARD] + [(note, None, False) for note in STANDS]
    found = [
        {"notes": note, "question_for_team": asked, "logged_by": "caregiver" if by else "self"}
        for note, asked, by in made
    ]
    answered = [{**log, **NOT_NOW} for log in found[:20]]
    shown = [{**log, **NOT_NOW, "notes_asked": ["chest"]} for log in found[:20]]
    return [*found, *answered, *shown]


def truly(log: dict[str, Any]) -> list[Any]:
    """What the server hears in it: the concepts with their words, and the facts."""
    texts = [log["notes"], log["question_for_team"]]
    hits = found_concepts(texts, FREE_TEXT, LINES, by_helper=log["logged_by"] == "caregiver")
    facts = written_facts(log, FREE_TEXT, LINES)
    return [[[hit.concept, hit.words] for hit in hits], {name: facts[name] for name in FACTS}]


def test_every_wrong_in_how_the_phone_hears_words_is_seen(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip(f"wrongs in the phone's copy are tried in Node; {NO_ENGINE}")
    text = (SCRIPTS / FILE).read_text(encoding="utf-8")
    found = tried(mutants.in_javascript(FILE, text), {FILE: text})
    # One rule book for all of them: it is read once.
    shutil.copy(SCRIPTS / "rulebook.js", tmp_path)
    for number, site in enumerate(found):
        copy = tmp_path / str(number)
        copy.mkdir()
        (copy / "rulebook.js").symlink_to(tmp_path / "rulebook.js")
        (copy / FILE).write_text(site.apply(text), encoding="utf-8")
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    asked = {"logs": logs(), "lines": LINES, "truth": [truly(log) for log in logs()]}
    (tmp_path / "cases.json").write_text(json.dumps(asked), encoding="utf-8")
    argv = [node, str(RUNNER), str(tmp_path), str(len(found))]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=300)
    shown: list[int] = json.loads(done.stdout)
    Counter.compared += sum(number or len(asked["logs"]) for number in shown)
    Counter.mutants += len(shown) - shown.count(0)
    assert [site.told(text) for site, number in zip(found, shown, strict=True) if not number] == []
    assert len(found) > 180

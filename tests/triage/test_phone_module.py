"""The phone's copy of the rule book is made from the rule book, and the command runs it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from recovery.triage.phone_module import phone_module
from recovery.triage.rulebook import load_rulebook

ROOT = Path(__file__).resolve().parents[2]
CASES = [
    {"id": 1, "patient": {}, "recovery_hours": 50, "history": [], "log": {"em_gate": "some", "em_breath": "some"}},
    {"id": 2, "patient": {}, "recovery_hours": 50, "history": [], "log": None},
    {"id": 3, "patient": {}, "recovery_hours": 50, "history": [], "log": {"em_gate": "perhaps"}},
]


def test_the_committed_copy_is_current_and_names_its_rule_book() -> None:
    text = (ROOT / "static/js/rulebook.js").read_text()
    assert text == phone_module(load_rulebook())
    assert load_rulebook().hash in text


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node: the phone's evaluator cannot run here")
@pytest.mark.slow
def test_both_engines_print_the_same_lines_and_end_alike() -> None:
    lines = "\n".join(json.dumps(case) for case in CASES)

    def triage(*options: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "manage.py", "triage", *options],
            input=lines,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "DEMO": "1"},
        )
        return done.returncode, done.stdout

    server = triage()
    assert server == triage("--engine", "phone")
    assert server[0] == 1
    assert [json.loads(line)["id"] for line in server[1].splitlines()] == [1, 2, 3]

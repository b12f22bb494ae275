"""A broken file of the rule book is refused with the file, the line, the row and the reason."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from recovery.triage.build import build_rulebook
from recovery.triage.problem import RulebookError
from recovery.triage.reach import reach_problems
from recovery.triage.rulebook import rulebook_in
from recovery.triage.rulebook.files import FOLDER, content_hash, read_content

ROOT = FOLDER.parents[2]
UP = "import sys; from ops.up import main; sys.exit(main([]))"


def broken(folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the rule book in which this text of this file stands differently."""
    copy = folder / "rulebook"
    shutil.copytree(FOLDER, copy)
    text = (copy / file).read_text(encoding="utf-8")
    assert old in text, f"{file} has no {old!r}"
    (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return copy


def line_of(file: str, text: str) -> int:
    """Where the text stands in the file we ship."""
    return (FOLDER / file).read_text(encoding="utf-8").split(text)[0].count("\n") + 1


@pytest.mark.parametrize(
    ("file", "old", "new", "at", "reason"),
    [
        ("call_911.toml", "em_chest_pain ==", "em_chest_pian ==", 'id = "R911-05"', "R911-05: there is no fact"),
        ("call_doctor_now.toml", "'warm'", "'hot'", 'id = "RDN-09"', "RDN-09: 'hot' is not one of: none, warm"),
        ("latch.toml", "alert_age_hours", "alert_age", 'id = "RL-01"', "RL-01: there is no fact 'alert_age'"),
        (
            "derived.toml",
            "hours >= 0",
            "hours >= ",
            'name = "after_procedure"',
            "after_procedure: column 9: expected",
        ),
        ("signs.toml", "== 'worse'", "== 'wrose'", 'key = "numb"', "numb: 'wrose' is not one of:"),
        ("watch.toml", 'id = "RW-06"', 'id = "RW-05"', 'id = "RW-06"', "RW-05: this rule stands 2 times"),
        ("watch.toml", 'when = "back_stiff', 'wehn = "back_stiff', 'id = "RW-05"', "RW-05: 'when' is missing"),
        ("watch.toml", 'id = "RW-05"\n', "", '[[rule]]\nid = "RW-05"', "rule 5: 'id' is missing"),
        (
            "watch.toml",
            "specificity = 1",
            'specificity = "1"',
            'id = "RW-04"',
            "'specificity' must be a whole number",
        ),
        ("watch.toml", 'tier = "watch"', 'tier = "wacht"', 'tier = "watch"', "tier: must be 'watch', not 'wacht'"),
        (
            "notices.toml",
            'guard = "after',
            'guard = "before',
            "guard = ",
            "guard: there is no fact 'before_procedure'",
        ),
        ("priorities.toml", '"P0"', '"P7"', 'id = "P0"', "P7: must be one of: P0"),
        (
            "defaults.toml",
            "{ is = 48,",
            "{ is = 400,",
            "early_check_h",
            "early_check_h: 400 must be under late_check",
        ),
        (
            "defaults.toml",
            "gap_h = 72",
            "gap_h = 24",
            "[[missed_log]]\nuntil_h = 1008",
            "missed_log 2: gap_h 24 must",
        ),
        (
            "concepts.toml",
            "negation_window_words = 6",
            "negation_window_words = 0",
            "negation_window",
            "from 1 to 10",
        ),
        (
            "questions.json",
            '"default": "both_move"',
            '"default": "no"',
            '{"code": "em_leg_move",',
            "the default 'no'",
        ),
        (
            "patient.json",
            '"default": "UTC"',
            '"default": "Mars"',
            '{"name": "time_zone"',
            "the default 'Mars' must",
        ),
        ("watch.toml", 'tier = "watch"', "tier = watch", 'tier = "watch"', "is not TOML: Invalid value"),
        ("questions.json", '"screen": 1,', '"screen": 1', '"screen": 1,', "is not JSON: Expecting ',' delimiter"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(
    tmp_path: Path, file: str, old: str, new: str, at: str, reason: str
) -> None:
    with pytest.raises(RulebookError) as refused:
        rulebook_in(broken(tmp_path, file, old, new))
    told = str(refused.value).splitlines()[0]
    assert told.startswith(f"{file}:{line_of(file, at)}: ")
    assert reason in told


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = broken(tmp_path, "signs.toml", "fever", "fever")
    (folder / "signs.toml").unlink()
    with pytest.raises(RulebookError, match=r"^signs.toml: cannot be read: No such file"):
        rulebook_in(folder)


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (
            "call_doctor_now.toml",
            "rash == 'yes'",
            "rash == 'yes' and rash == 'no'",
            "call_doctor_now.toml: RDN-22: no case was found in which it fires",
        ),
        (
            "watch.toml",
            "temp_value != null and not temp_usable",
            "temp_value > 110 and temp_value < 93",
            "watch.toml: RW-13: no case was found in which it fires",
        ),
        (
            "call_911.toml",
            "em_breath == 'some' or (em_breath == 'usual' and 'breath_usual' not in baseline_symptoms)",
            "em_breath == 'severe' and 'breath_usual' not in baseline_symptoms",
            "call_911.toml: R911-04: whenever it fires, R911-03 of the same tier has said the same already",
        ),
        (
            "notices.toml",
            "stomach == 'upset'",
            "stomach == 'upset' and stomach == 'fine'",
            "notices.toml: N-08: no case was found in which it fires",
        ),
        (
            "latch.toml",
            "(not log_given or short_fine) and alert_ack",
            "not log_given and log_given and alert_ack",
            "latch.toml: RL-04: no case was found in which it fires",
        ),
    ],
)
@pytest.mark.slow
def test_a_rule_that_never_speaks_is_found(tmp_path: Path, file: str, old: str, new: str, told: str) -> None:
    content = read_content(broken(tmp_path, file, old, new))
    assert told in [str(problem) for problem in reach_problems(build_rulebook(content, content_hash(content)))]


@pytest.mark.programs
@pytest.mark.parametrize("command", [["manage.py", "check"], ["manage.py", "watchdog", "--once"], ["-c", UP]])
def test_nothing_starts_with_a_broken_rule_book(tmp_path: Path, command: list[str]) -> None:
    """One clear line and no traceback, before anything else is done."""
    leave = shutil.ignore_patterns("__pycache__", "static", "migrations")
    for app in ("config", "ops", "patients", "alerts", "recovery"):
        shutil.copytree(ROOT / app, tmp_path / app, ignore=leave)
    shutil.copy(ROOT / "manage.py", tmp_path)
    shutil.copy(ROOT / "CHANGELOG.md", tmp_path)
    rules = tmp_path / "recovery" / "triage" / "rulebook" / "call_911.toml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("em_chest_pain ==", "em_chest_pian =="), "utf-8")
    done = subprocess.run([sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
    line = line_of("call_911.toml", 'id = "R911-05"')
    assert f"nothing starts: call_911.toml:{line}: R911-05: there is no fact 'em_chest_pian'" in done.stderr
    assert not (tmp_path / ".data").exists()

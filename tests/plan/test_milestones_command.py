"""`manage.py milestones`: one answer per line in order, status 1 when any line was bad, never a traceback."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.depth import examples
from tests.plan.cast import after, patient

ROOT = Path(__file__).resolve().parents[2]
NOW = after(50).isoformat()
STATE = {"tier": "on_track", "last_log_at": NOW, "opioid_last_dose_at": None}


def line(**changes: Any) -> str:
    return json.dumps({"id": "ada", "patient": patient(), "state": STATE, "now": NOW, **changes})


def run(tmp_path: Path, text: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit status and the answers for a file with this text."""
    path, out, code = tmp_path / "cases.jsonl", io.StringIO(), 0
    path.write_text(text, "utf-8", errors="surrogateescape")
    try:
        call_command("milestones", str(path), stdout=out)
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, [json.loads(answer) for answer in out.getvalue().splitlines()]


def test_it_prints_status_reasons_and_due_times_of_all_milestones(tmp_path: Path) -> None:
    code, (answer,) = run(tmp_path, line(now=after(47).isoformat()))
    assert code == 0
    assert list(answer) == ["id", "status", "reasons", "due_local", "due_utc"]
    assert all(len(answer[part]) == 18 for part in list(answer)[1:])
    key = "M-DRIVE-48H"
    assert (answer["id"], answer["status"][key], answer["reasons"][key]) == ("ada", "not_yet", [])
    assert (answer["due_local"][key], answer["due_utc"][key]) == ("2026-06-03T10:00", "2026-06-03T14:00:00Z")
    assert answer["due_local"]["M-BRACE"] is answer["due_utc"]["M-BRACE"] is None


def test_bad_lines_are_answered_in_their_place_and_end_in_status_1(tmp_path: Path) -> None:
    bad = line(id=7, patient=patient(time_zone="Nowhere"))
    code, answers = run(tmp_path, "\n".join([line(id="a"), "{", bad, line(id="b")]))
    assert code == 1
    assert [answer["id"] for answer in answers] == ["a", None, 7, "b"]
    assert answers[2]["id"] == 7
    assert answers[2]["error"].startswith("patient.time_zone: unknown time zone: must be a place")
    assert "status" in answers[3]


def test_an_empty_file_is_fine(tmp_path: Path) -> None:
    assert run(tmp_path, "") == (0, [])


@pytest.mark.parametrize("part", ["patient", "state", "now"])
def test_a_missing_part_is_an_error_of_its_line(tmp_path: Path, part: str) -> None:
    code, (answer,) = run(tmp_path, line(**{part: None}))
    assert code == 1
    assert answer["error"].startswith(part)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("milestones", str(tmp_path / "gone"))


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["2026-06-01T10:00Z", NOW]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
patient_keys = sorted({*patient(), "brace_until", "next_visit_at", "thinner_restart_on", "pt_start_on"})


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(patient_keys), st.sampled_from([*STATE, "open_signs", "pain_site", "sent"]), values, values)
def test_no_value_in_any_field_is_a_defect(
    tmp_path: Path, field: str, key: str, one: object, other: object
) -> None:
    for text in (line(patient={**patient(), field: one}), line(state={**STATE, key: other})):
        _, (answer,) = run(tmp_path, text)
        assert "internal error" not in answer.get("error", "")


def manage(*arguments: str, stdin: str) -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own, with no database or Redis to be found."""
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
    command = [sys.executable, "manage.py", "milestones", *arguments]
    return subprocess.run(
        command, cwd=ROOT, input=stdin, capture_output=True, text=True, env={**os.environ, **nowhere}, check=False
    )


@pytest.mark.processes
@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_it_reads_standard_input_and_needs_no_server(arguments: tuple[str, ...]) -> None:
    done = manage(*arguments, stdin=line() + "\nnot json\n")
    assert (done.returncode, done.stderr) == (1, "")
    assert [json.loads(answer)["id"] for answer in done.stdout.splitlines()] == ["ada", None]


@pytest.mark.processes
def test_a_reader_that_stops_early_causes_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text((line() + "\n") * 500)
    shell = f'"{sys.executable}" manage.py milestones "{path}" | head -c 10'
    done = subprocess.run(["/bin/sh", "-c", shell], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ('{"id": "ad', "")

"""The triage command: JSON lines in, one answer each, never a traceback."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from recovery.management.commands.triage import lines_of
from recovery.triage.lines import MAX_LINE_BYTES, answer_line

CALM = {
    "em_gate": "none",
    "nerve_gate": "none",
    "site_gate": "none",
    "fever_feel": "no",
    "pain_move": 1,
    "back_change": "same",
}


def line(**changes: Any) -> bytes:
    return json.dumps(
        {"id": "a", "patient": {}, "recovery_hours": 10, "history": [], "log": CALM, **changes}
    ).encode()


def test_a_calm_log_is_on_track() -> None:
    assert answer_line(line()) == {
        "id": "a",
        "tier": "on_track",
        "fired": [],
        "notices": [],
        "nurse_priority": None,
    }


def test_an_answer_names_rules_with_sources_notices_and_priority() -> None:
    assert answer_line(line(id=7, log={**CALM, "rash": "yes", "dressing": "wet_or_loose"})) == {
        "id": 7,
        "tier": "call_doctor_now",
        "fired": [{"id": "RDN-22", "sources": ["default:DF-43", "guide RK-19"]}],
        "notices": ["N-03"],
        "nurse_priority": "P2",
    }


def test_silence_is_judged() -> None:
    assert answer_line(line(log=None, recovery_hours=48))["tier"] == "watch"


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"{", "line: is not valid JSON"),
        (b"", "line: is not valid JSON"),
        (b"[]", "line: must be an object"),
        (b"\xff\xfe", "line: is not UTF-8 text"),
        (b'{"recovery_hours": NaN}', "line: NaN is not a finite number"),
        (b'{"recovery_hours": -Infinity}', "line: -Infinity is not a finite number"),
        (b'{"id": 1, "id": 2}', "line: names a key twice"),
        (b"[" * 200_000, "line: is nested too deeply"),
        (b"1" * 5000, "line: is not valid JSON"),
        (b" " * MAX_LINE_BYTES + b"{}", f"line: is longer than {MAX_LINE_BYTES} bytes"),
    ],
)
def test_what_is_not_a_line_is_an_error_line(raw: bytes, error: str) -> None:
    assert answer_line(raw) == {"id": None, "error": error}


def test_an_invalid_line_keeps_its_id_and_names_field_and_reason() -> None:
    assert answer_line(line(id="x", log={"em_gate": "maybe"})) == {
        "id": "x",
        "error": "log.em_gate: must be one of: none, some",
    }


def test_a_number_too_large_for_a_double_is_refused() -> None:
    raw = line().replace(b'"recovery_hours": 10', b'"recovery_hours": 1e999')
    assert answer_line(raw)["error"] == "recovery_hours: must be a finite number"


def test_many_problems_are_told_briefly() -> None:
    error = answer_line(line(log={f"x{n}": 1 for n in range(1000)}))["error"]
    assert error.endswith("; and 995 more")


def test_half_a_surrogate_does_not_break_the_answer() -> None:
    raw = line().replace(b'"a"', b'"\\ud800"')
    assert json.dumps(answer_line(raw)).startswith('{"id": "\\ud800"')


def test_the_command_answers_in_order_skips_blank_lines_and_ends_with_status_1(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_bytes(line(id=1) + b"\n\n  \n{\n" + line(id=3))
    out = io.StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("triage", str(file), stdout=out)
    answers = [json.loads(row) for row in out.getvalue().splitlines()]
    assert [answer["id"] for answer in answers] == [1, None, 3]
    assert refused.value.returncode == 1


def test_the_command_reads_standard_input_and_ends_well(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ([], ["-"]):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line() + b"\n")))
        out = io.StringIO()
        call_command("triage", *name, stdout=out)
        assert json.loads(out.getvalue())["tier"] == "on_track"


def test_a_file_that_is_not_there_is_one_plain_sentence() -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("triage", "/nowhere/cases.jsonl", stdout=io.StringIO())


def test_an_oversized_line_is_cut_and_the_next_one_is_whole() -> None:
    stream = io.BytesIO(b"x" * (3 * MAX_LINE_BYTES) + b"\n" + line(id=2) + b"\n")
    first, second = lines_of(stream)
    assert len(first) == MAX_LINE_BYTES + 1
    assert answer_line(second)["id"] == 2

"""A file of JSON lines may hold anything; each line gets an answer and none stops the next."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.management.jsonlines import LineError, open_lines, read_lines


def read(text: str, limit: int = 200) -> list[tuple[Any, Any]]:
    return list(read_lines(io.StringIO(text, newline="\n"), limit))


def reason(line: str, limit: int = 200) -> tuple[Any, str]:
    ((line_id, value),) = read(line, limit)
    assert isinstance(value, LineError)
    return line_id, value.text


def test_it_reads_objects_in_order_and_skips_blank_lines() -> None:
    assert read('{"id": 1}\n\n  \r\n{"id": "b", "x": [1.5]}') == [(1, {"id": 1}), ("b", {"id": "b", "x": [1.5]})]


def test_it_reads_a_file_that_starts_with_a_byte_order_mark_and_ends_lines_like_windows() -> None:
    assert read('\ufeff{"id": 1}\r\n{"id": 2}\r\n') == [(1, {"id": 1}), (2, {"id": 2})]


@pytest.mark.parametrize(
    ("line", "line_id", "why"),
    [
        ('{"id": 1', None, "line 1: not JSON: Expecting ',' delimiter at column 9"),
        ("[1]", None, "line 1: must be an object"),
        ("{}", None, "line 1: id: must be text or a whole number, given once"),
        ('{"id": true}', None, "line 1: id: must be text or a whole number, given once"),
        ('{"id": 1, "id": 2}', None, "line 1: id: must be text or a whole number, given once"),
        ('{"id": 1, "x": NaN}', 1, "NaN is not a number"),
        ('{"id": 1, "x": -Infinity}', 1, "-Infinity is not a number"),
        ('{"id": 1, "x": 1e999}', 1, "the number 1e999 is too large"),
        ('{"id": 1, "x": {"tier": 1, "tier": 2}}', 1, "key 'tier' is given twice"),
        ('{"id": "\udcff"}', None, "line 1: not UTF-8 text"),
    ],
)
def test_a_bad_line_says_why(line: str, line_id: int | None, why: str) -> None:
    assert reason(line) == (line_id, why)


def test_a_number_or_a_nesting_too_large_for_python_is_an_error_of_its_line() -> None:
    too_large = "line 1: not JSON: a number too long or lists too deep"
    assert reason(f'{{"id": {"9" * 5000}}}', 10_000) == (None, too_large)
    assert reason('{"id": 1, "x": ' + "[" * 200_000 + "]" * 200_000 + "}", 1_000_000) == (None, too_large)


def test_a_huge_line_is_skipped_whole_and_the_next_one_read() -> None:
    huge = '{"id": 1, "x": "' + "a" * 5000 + '"}'
    assert read(huge + '\n{"id": 2}') == [
        (None, LineError("line 1: longer than 200 characters")),
        (2, {"id": 2}),
    ]


def test_the_longest_line_allowed_is_read() -> None:
    line = '{"id": "' + "a" * 190 + '"}'
    assert len(line) == 200
    assert read(line + "\n" + line)[1][0] == "a" * 190
    assert reason(line + " ")[1] == "line 1: longer than 200 characters"


def test_bytes_that_are_not_utf_8_spoil_only_their_own_line(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b'{"id": "\xff"}\n{"id": "caf\xc3\xa9"}\n')
    with open_lines(str(path)) as stream:
        assert list(read_lines(stream)) == [
            (None, LineError("line 1: not UTF-8 text")),
            ("café", {"id": "café"}),
        ]


@given(st.text() | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(json.dumps))
def test_nothing_in_a_line_ever_raises(text: str) -> None:
    for _, value in read(text):
        assert isinstance(value, dict | LineError)

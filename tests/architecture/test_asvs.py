"""docs/asvs.md: every requirement of level 1 and 2 stands there once, and every test it names exists."""

import re
from collections import Counter
from datetime import date

from ops.up import ROOT

TEXT = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| (\d) \| (.+?) \| (\S+) \| (.+) \|$", TEXT, re.MULTILINE)
# Version 5.0.0, section: numbers, a dash between first and last.
LEVEL_1 = """
1.2: 1-5; 1.3: 1-2; 1.5: 1; 2.1: 1; 2.2: 1-2; 2.3: 1; 3.2: 1-2; 3.3: 1; 3.4: 1-2; 3.5: 1-3; 4.1: 1; 4.4: 1;
5.2: 1-2; 5.3: 1-2; 6.1: 1; 6.2: 1-8; 6.3: 1-2; 6.4: 1-2; 7.2: 1-4; 7.4: 1-2; 8.1: 1; 8.2: 1-2;
8.3: 1; 9.1: 1-3; 9.2: 1; 10.4: 1-5; 11.3: 1-2; 11.4: 1; 12.1: 1; 12.2: 1-2; 13.4: 1; 14.2: 1;
14.3: 1; 15.1: 1; 15.2: 1; 15.3: 1
"""
LEVEL_2 = """
1.1: 1-2; 1.2: 6-9; 1.3: 3-11; 1.4: 1-3; 1.5: 2; 2.1: 2-3; 2.2: 3; 2.3: 2-4; 2.4: 1; 3.3: 2-4; 3.4: 3-6; 3.5: 4-5;
3.7: 1-2; 4.1: 2-3; 4.2: 1; 4.3: 1-2; 4.4: 2-4; 5.1: 1; 5.2: 3; 5.4: 1-3; 6.1: 2-3; 6.2: 9-12; 6.3: 3-4; 6.4: 3-4;
6.5: 1-5; 6.6: 1-3; 6.8: 1-4; 7.1: 1-3; 7.3: 1-2; 7.4: 3-5; 7.5: 1-2; 7.6: 1-2; 8.1: 2; 8.2: 3; 8.4: 1; 9.2: 2-4;
10.1: 1-2; 10.2: 1-2; 10.3: 1-4; 10.4: 6-11; 10.5: 1-5; 10.6: 1-2; 10.7: 1-3; 11.1: 1-2; 11.2: 1-3; 11.3: 3;
11.4: 2-4; 11.5: 1; 11.6: 1; 12.1: 2-3; 12.3: 1-4; 13.1: 1; 13.2: 1-5; 13.3: 1-2; 13.4: 2-5; 14.1: 1-2; 14.2: 2-4;
14.3: 2-3; 15.1: 2-3; 15.2: 2-3; 15.3: 2-7; 16.1: 1; 16.2: 1-5; 16.3: 1-4; 16.4: 1-3; 16.5: 1-3; 17.1: 1;
17.2: 1-4; 17.3: 1-2
"""


def numbers(text: str) -> list[str]:
    found = []
    for section, first, last in re.findall(r"([\d.]+): (\d+)(?:-(\d+))?", text):
        found += [f"{section}.{number}" for number in range(int(first), int(last or first) + 1)]
    return found


def test_every_requirement_of_both_levels_stands_there_once() -> None:
    expected = {number: level for level, text in (("1", LEVEL_1), ("2", LEVEL_2)) for number in numbers(text)}
    assert Counter(expected.values()) == {"1": 70, "2": 183}
    assert len(ROWS) == len(expected)
    assert {number: level for number, level, *_ in ROWS} == expected


def test_every_pass_names_a_test_that_exists_or_a_day_of_review() -> None:
    known = {
        name for file in (ROOT / "tests").rglob("*.py") for name in re.findall(r"def (test_\w+)", file.read_text())
    }
    assert set(re.findall(r"`(test_\w+)`", TEXT)) - known == set()
    days = {number: re.findall(r"reviewed (\d{4}-\d\d-\d\d)", why) for number, _, _, _, why in ROWS}
    assert [row[0] for row in ROWS if row[3] == "pass" and "`test_" not in row[4] and not days[row[0]]] == []
    assert all(date.fromisoformat(day) for found in days.values() for day in found)


def test_every_row_is_pass_fail_or_not_applicable_and_says_why() -> None:
    assert {row[3] for row in ROWS} == {"pass", "fail", "n/a"}
    assert [row[0] for row in ROWS if len(row[4]) < 5] == []


def test_the_count_at_the_top_is_that_of_the_rows() -> None:
    for level in "12":
        states = Counter(row[3] for row in ROWS if row[1] == level)
        line = f"| level {level} | {states['pass']} | {states['fail']} | {states['n/a']} |"
        assert line in TEXT

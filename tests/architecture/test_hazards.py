"""docs/hazards.md: every hazard stands there, and every test it names exists."""

import re

from ops.up import ROOT

TEXT = (ROOT / "docs" / "hazards.md").read_text(encoding="utf-8")
HAZARDS = 29


def test_every_hazard_has_its_controls_and_its_tests_or_says_that_there_are_none() -> None:
    parts = re.split(r"^## H(\d+) ", TEXT, flags=re.MULTILINE)[1:]
    assert [int(number) for number in parts[::2]] == list(range(1, HAZARDS + 1))
    for number, part in zip(parts[::2], parts[1::2], strict=True):
        assert "- Controls: " in part, number
        assert re.search(r"- Shown by: (`test_|nothing yet)", part), number
        assert "nothing yet" not in part or "**Not yet:**" in part, number


def test_every_test_that_is_named_exists() -> None:
    known = {
        name for file in (ROOT / "tests").rglob("*.py") for name in re.findall(r"def (test_\w+)", file.read_text())
    }
    named = set(re.findall(r"`(test_\w+)`", TEXT))
    assert named - known == set()

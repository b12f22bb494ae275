"""Templates can be read: indented by a tool (djhtml), and no line is longer than a screen."""

import subprocess
import sys
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
LONGEST_LINE = 120


def test_no_line_is_too_long() -> None:
    long = {
        f"{path.relative_to(TEMPLATES)}:{number}"
        for path in TEMPLATES.rglob("*.html")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LONGEST_LINE
    }
    assert long == set()


def test_they_are_indented_as_the_tool_does_it() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "djhtml", "--check", "--tabwidth", "2", str(TEMPLATES)],
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr

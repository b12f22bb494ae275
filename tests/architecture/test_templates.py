"""Templates can be read: indented by a tool (djhtml), no line longer than a screen. No style is for nothing."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
LONGEST_LINE = 120
SAYS_CLASSES = ("templates/**/*.html", "static/js/*.js", "patients/**/*.py", "alerts/**/*.py", "recovery/**/*.py")


def test_no_line_is_too_long() -> None:
    long = {
        f"{path.relative_to(TEMPLATES)}:{number}"
        for path in TEMPLATES.rglob("*.html")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LONGEST_LINE
    }
    assert long == set()


def test_no_note_of_ours_stands_on_a_page() -> None:
    """{# ... #} over two lines is no comment to Django: readers would see it."""
    files = {path: path.read_text().splitlines() for path in TEMPLATES.rglob("*.html")}
    open_ended = {
        path.name for path, lines in files.items() for line in lines if "{#" in line and "#}" not in line
    }
    assert open_ended == set()


def test_they_are_indented_as_the_tool_does_it() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "djhtml", "--check", "--tabwidth", "2", str(TEMPLATES)],
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr


def test_every_class_and_id_of_a_style_sheet_is_said_somewhere() -> None:
    said = "\n".join(path.read_text() for pattern in SAYS_CLASSES for path in ROOT.glob(pattern))
    words = set(re.findall(r"[A-Za-z_][\w-]*", said))
    # line-{{ kind }}, {{ tier }}-advice: one end is said, the other is a value
    begins = tuple(re.findall(r"[a-z][\w-]*[-_](?=\$?\{)", said))
    ends = tuple(re.findall(r"(?<=\})-[a-z][\w-]*", said))
    for sheet in (ROOT / "static" / "css").glob("*.css"):
        styles = re.sub(r"/\*.*?\*/|\"[^\"]*\"|\{[^{}]*\}", " ", sheet.read_text(), flags=re.DOTALL)
        named = set(re.findall(r"[.#]([A-Za-z_][\w-]*)", styles))
        unsaid = {name for name in named - words if not name.startswith(begins) and not name.endswith(ends)}
        assert unsaid == set(), sheet.name


def test_no_white_space_follows_the_hidden_words_of_a_button() -> None:
    """It would be a part of its own beside them, and make the button wider by a gap."""
    gap = re.compile(r'class="visually-hidden"[^>]*>[^<]*</span>\s+</(?:button|a)>')
    wide = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html") if gap.search(path.read_text())}
    assert wide == set()

"""What is locked is not older than our own deadlines: told without knowing which release mends a hole."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ops.up import ROOT

sys.path.insert(0, str(ROOT / "bin"))

from aging import behind, freed, locked  # noqa: E402 - beside bin/bootstrap.py

OURS = "sound==1.2.0 \\\n    --hash=sha256:1\nold[extra]==2.9 ; sys_platform == 'linux'\nDate-Like==2026.9\n"


def test_a_release_that_was_there_then_and_is_newer_than_ours_is_told() -> None:
    then = locked("sound==1.2\nold==2.10\ndate-like==2026.8\nnobody-uses==9\n")
    assert behind(locked(OURS), then) == ["old 2.9, while 2.10 was there"]


def test_of_two_lines_for_two_machines_the_older_counts() -> None:
    assert behind(locked("a==1 ; x\na==2 ; y\n"), locked("a==2\n")) == ["a 1, while 2 was there"]


def test_what_a_list_holds_back_within_a_major_version_is_freed() -> None:
    asked = "# words\n-r other.txt\nsound==1.2.0\nold[extra]~=2.9.0  # why\ndate-like==2026.9\n"
    assert freed(asked, locked(OURS)).splitlines() == ["sound<2", "old[extra]<3", "date-like"]


def test_every_line_of_our_lists_is_read_and_every_part_of_our_locks() -> None:
    for name in ("requirements", "requirements-embedded", "requirements-dev"):
        lock = (ROOT / f"{name}.lock").read_text()
        assert len(locked(lock)) == len(set(re.findall(r"^([\w.-]+)[\[=]", lock, re.MULTILINE)))
        asked = (ROOT / f"{name}.txt").read_text()
        lines = [line for line in asked.splitlines() if line and line[0] not in "#-"]
        assert len(freed(asked, locked(lock)).splitlines()) == len(lines)


def test_a_release_and_the_daily_run_refuse_what_is_late_and_the_deadlines_are_those_written_down() -> None:
    checks = (ROOT / ".ci" / "run").read_text()
    assert re.search(r'^bin/audit --age \|\| \[ -z "\$\{STRICT_AGE:-\}" \]$', checks, re.MULTILINE)
    assert "github.event_name == 'schedule' && '1'" in (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    assert "STRICT_AGE=1 bash .ci/run" in (ROOT / "docs" / "howto" / "release.md").read_text()
    days = re.search(r"WORST_DAYS, RENEWED_DAYS = (\d+), (\d+)", (ROOT / "bin" / "audit").read_text())
    words = " ".join((ROOT / "docs" / "howto" / "dependencies.md").read_text().split())
    assert days
    assert f"**{days[1]} days** when a stranger can reach it" in words
    assert f"the locks are renewed every {days[2]} days" in words


@pytest.mark.parametrize("status", [0, 2])
def test_an_index_that_cannot_be_asked_is_said_and_fails_nothing(tmp_path: Path, status: int) -> None:
    """uv says nothing, or that it found nothing: what it prints without a network."""
    (tmp_path / "bin").mkdir()
    uv = tmp_path / "bin" / "uv"
    uv.write_text(f"#!/bin/sh\nexit {status}\n")
    uv.chmod(0o755)
    code = "\n".join(
        (
            "import runpy, sys, pathlib; sys.path.insert(0, 'bin')",
            "import bootstrap; bootstrap.enter(bootstrap.DEVELOP)",
            f"bootstrap.VENV = pathlib.Path({str(tmp_path)!r}); bootstrap.enter = lambda lock: None",
            "sys.argv = ['audit', '--age']; runpy.run_path('bin/audit')",
        )
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.count("NOT COMPARED")) == (0, 2), done.stderr

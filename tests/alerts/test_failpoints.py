"""Fail-points kill only where a fault run asked for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from alerts import failpoints
from ops.up import ROOT

pytestmark = pytest.mark.programs

IMPORTED = "import alerts.failpoints as f; "


def run(code: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Python in a process of its own, since it may die."""
    environment = {**os.environ, **settings}
    return subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True)


def test_without_a_fault_run_a_point_is_an_empty_function() -> None:
    assert not failpoints.is_armed()
    assert failpoints.failpoint is failpoints._off


def test_a_point_kills_the_process_and_says_so_first(tmp_path: Path) -> None:
    done = run(
        IMPORTED + "f.failpoint('after_claim'); f.failpoint('after_send'); print('alive')",
        FAILPOINTS="after_send:kill",
        FAILPOINTS_DIR=str(tmp_path),
    )
    assert (done.returncode, done.stdout) == (-9, "")
    assert (tmp_path / "hits").read_text().split()[1:3] == ["after_send", "kill"]


def test_an_order_is_carried_out_once(tmp_path: Path) -> None:
    (tmp_path / "after_mark").write_text("sleep=0")
    code = IMPORTED + "f.failpoint('after_mark'); f.failpoint('after_mark')"
    assert run(code, FAILPOINTS="*:once", FAILPOINTS_DIR=str(tmp_path)).returncode == 0
    assert (tmp_path / "hits").read_text().count("after_mark") == 1
    assert not (tmp_path / "after_mark").exists()


def test_never_by_chance_when_the_chance_is_nothing(tmp_path: Path) -> None:
    code = IMPORTED + "[f.failpoint('after_mark') for _ in range(1000)]"
    assert run(code, FAILPOINTS="after_mark:kill@0", FAILPOINTS_DIR=str(tmp_path)).returncode == 0


@pytest.mark.parametrize("text", ["after_claim:explode", "nowhere:kill", "after_claim", "*:kill@often"])
def test_what_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        failpoints.parse(text)


def test_with_https_no_process_starts_while_points_are_armed(tmp_path: Path) -> None:
    settings = {"FAILPOINTS": "*:once", "FAILPOINTS_DIR": str(tmp_path), "HTTPS": "1"}
    done = run("import django; django.setup()", DJANGO_SETTINGS_MODULE="config.settings", **settings)
    assert done.returncode == 1
    assert "for fault runs only, never with HTTPS" in done.stderr

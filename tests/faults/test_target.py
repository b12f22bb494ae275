"""Whom the nemesis takes for the main process of a kind: by its parent, whatever the numbers say."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from faults import target
from faults.kinds import failpoint_fault
from tests.waiting import until

CHILD = "import subprocess, sys, time; subprocess.Popen([sys.executable, *sys.argv]); time.sleep(60)"


def test_the_main_process_is_nobody_s_child_among_its_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    family = subprocess.Popen([sys.executable, "-c", CHILD, "-c", "import time; time.sleep(60)"])
    try:
        children = until(lambda: target._descendants(family.pid))
        # Numbers have begun anew: the child's comes first.
        monkeypatch.setattr(target, "pids", lambda *words: [children[0], family.pid])
        one = target.Target.__new__(target.Target)
        one.folder = tmp_path
        assert one.main("worker") == family.pid
        assert one.family("worker") == [family.pid, *children]
        monkeypatch.setattr(target, "pids", lambda *words: [])
        assert one.main("worker") is None
    finally:
        for pid in [*target._descendants(family.pid), family.pid]:
            subprocess.run(["kill", "-9", str(pid)])
        family.wait()


def test_an_order_is_met_when_somebody_takes_it_and_stands_until_then(tmp_path: Path) -> None:
    one = _armed(tmp_path)
    assert one.arm("after_claim", "kill")
    assert not one.met("after_claim", 0)
    (tmp_path / "failpoints" / "after_claim").unlink()
    assert one.met("after_claim", 0)


def test_a_bait_that_something_else_took_is_laid_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a killed server does, whose phone tried again and was answered before any sweep looked."""
    one = _armed(tmp_path)
    folder, taken = tmp_path / "failpoints", 0

    def met(point: str, seconds: float) -> bool:
        nonlocal taken
        if (folder / "after_log_commit").exists():
            (folder / "after_log_commit").unlink()
            taken += 1
        if taken == 3:
            (folder / "in_sweep_unjudged").unlink(missing_ok=True)
        return not (folder / point).exists()

    monkeypatch.setattr(one, "met", met)
    fault = failpoint_fault("in_sweep_unjudged")
    assert fault.act(one, random.Random(1))
    assert taken == 3
    assert list(folder.iterdir()) == []


def _armed(folder: Path) -> target.Target:
    (folder / "failpoints").mkdir()
    one = target.Target.__new__(target.Target)
    one.folder = folder
    return one

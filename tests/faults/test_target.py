"""Whom the nemesis takes for the main process of a kind: by its parent, whatever the numbers say."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from faults import target

CHILD = "import subprocess, sys, time; subprocess.Popen([sys.executable, *sys.argv]); time.sleep(60)"


def test_the_main_process_is_nobody_s_child_among_its_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    family = subprocess.Popen([sys.executable, "-c", CHILD, "-c", "import time; time.sleep(60)"])
    try:
        while not (children := target._descendants(family.pid)):
            time.sleep(0.02)
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

"""A process whose clock jumps: what it reads, and that its waits are as long as they were."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from faults.clocks import Clocks

pytestmark = pytest.mark.programs

HOUR = 3600
PROGRAM = """
import sys, threading, time
for _ in sys.stdin:
    began = time.monotonic()
    threading.Event().wait(0.2)
    time.sleep(0.2)
    print(int(time.time()), time.gmtime().tm_hour, time.monotonic() - began, flush=True)
"""


class Process:
    """Says what its clock says."""

    def __init__(self, environment: dict[str, str]) -> None:
        argv, pipe = [sys.executable, "-c", PROGRAM], subprocess.PIPE
        self.process = subprocess.Popen(argv, env=os.environ | environment, stdin=pipe, stdout=pipe, text=True)

    def asked(self) -> tuple[int, float]:
        """How far its clock is from ours, and how long 0.4 seconds took."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        now, _, seconds = self.process.stdout.readline().split()
        ours = int(subprocess.run(["date", "+%s"], capture_output=True, text=True).stdout)
        return int(now) - ours, float(seconds)


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")
@pytest.mark.skipif("FAULTS_CLOCK" in os.environ, reason="the whole run's clock is moved already")
def test_a_clock_jumps_while_its_process_runs_and_no_wait_is_longer(tmp_path: Path) -> None:
    clocks = Clocks(tmp_path, ("web", "worker"))
    web, worker = (Process(clocks.environment(name)) for name in ("web", "worker"))
    try:
        for jump in (0, HOUR, -HOUR, 0):
            assert clocks.set("web", jump)
            off, seconds = web.asked()
            assert abs(off - jump) <= 2
            assert 0.39 < seconds < HOUR / 60
            assert abs(worker.asked()[0]) <= 2
    finally:
        for one in (web, worker):
            one.process.kill()
            one.process.wait()


def test_who_has_no_clock_of_its_own_is_started_as_ever(tmp_path: Path) -> None:
    assert Clocks(tmp_path, ("web",)).environment("front") == {}


def test_without_a_compiler_nothing_jumps_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    clocks = Clocks(tmp_path, ("web",))
    assert clocks.environment("web") == {}
    assert not clocks.set("web", HOUR)

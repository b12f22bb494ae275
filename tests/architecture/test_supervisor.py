"""The supervisor of bin/up, on small programs of a line each."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.child import Failure, Program, spawn
from ops.supervisor import Stopped, Supervisor
from tests.waiting import until

FOR_EVER = "import time; time.sleep(600)"


def python(name: str, code: str, *, wave: int = 2, stop_seconds: float = 10) -> Program:
    return Program(name, (sys.executable, "-c", code), dict(os.environ), wave=wave, stop_seconds=stop_seconds)


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(out: io.StringIO) -> Iterator[Supervisor]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    supervisor = Supervisor(out)
    yield supervisor
    supervisor.stop()
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def test_each_line_says_whose_it_is(supervisor: Supervisor, out: io.StringIO) -> None:
    supervisor.start(python("web", "print('one\\ntwo', flush=True); " + FOR_EVER))
    supervisor.until(lambda: "two" in out.getvalue(), name="web", seconds=30)
    assert out.getvalue() == "web      | one\nweb      | two\n"


def test_a_killed_process_is_started_again(supervisor: Supervisor, out: io.StringIO) -> None:
    supervisor.start(python("worker", "import os; print('pid', os.getpid(), flush=True); " + FOR_EVER))
    supervisor.until(lambda: out.getvalue().count("pid") == 1, name="worker", seconds=30)
    os.kill(int(out.getvalue().split()[-1]), signal.SIGKILL)
    supervisor.until(lambda: out.getvalue().count("pid") == 2, name="worker", seconds=30)
    assert "worker   | ended (signal SIGKILL); starting again in 0.5 s\n" in out.getvalue()


def test_the_wait_grows_while_a_process_keeps_dying(supervisor: Supervisor, out: io.StringIO) -> None:
    supervisor.start(python("steady", FOR_EVER))
    supervisor.start(python("beat", "raise SystemExit(3)"))
    supervisor.until(lambda: "in 2 s" in out.getvalue(), name="steady", seconds=60)
    waits = [line.partition("again ")[2] for line in out.getvalue().splitlines()]
    assert waits == ["in 0.5 s", "in 1 s", "in 2 s"]


def test_a_program_gone_for_a_moment_is_tried_again(
    supervisor: Supervisor, out: io.StringIO, tmp_path: Path
) -> None:
    program, away = tmp_path / "beat", tmp_path / "away"
    program.write_text("#!/bin/sh\necho up\nexec sleep 600\n")
    program.chmod(0o755)
    supervisor.start(python("steady", FOR_EVER))
    supervisor.start(Program("beat", (str(program),), dict(os.environ)))
    supervisor.until(lambda: "up" in out.getvalue(), name="steady", seconds=30)
    program.rename(away)
    next(ward for ward in supervisor._wards if ward.program.name == "beat").process.kill()  # type: ignore[union-attr]
    supervisor.until(lambda: "cannot be run" in out.getvalue(), name="steady", seconds=30)
    away.rename(program)
    supervisor.until(lambda: out.getvalue().count("| up") == 2, name="steady", seconds=30)


def test_a_process_that_cannot_start_ends_the_start_with_its_last_line(supervisor: Supervisor) -> None:
    supervisor.start(python("postgres", "import sys; sys.exit('no such library')"))
    with pytest.raises(Failure, match="postgres did not start: no such library"):
        supervisor.until(lambda: False, name="postgres", seconds=60)


def test_a_program_that_is_not_there_is_one_clear_line() -> None:
    with pytest.raises(Failure, match="valkey cannot be run: No such file or directory: /nowhere/valkey-server"):
        spawn(Program("valkey", ("/nowhere/valkey-server",)), stdout=subprocess.PIPE)


def test_what_a_process_started_goes_with_it(supervisor: Supervisor, tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    code = "import os, subprocess; pid = subprocess.Popen(['sleep', '600']).pid; "
    code += f"open({str(note)!r}, 'w').write(str(pid)); os.kill(os.getpid(), 9)"
    supervisor.start(python("web", code))
    supervisor.until(lambda: note.exists() and bool(note.read_text()), name="web", seconds=30)
    grandchild = int(note.read_text())
    supervisor.stop()
    place = Path(f"/proc/{grandchild}")
    until(lambda: not place.exists() or " Z " in (place / "stat").read_text())


def test_engines_stop_last(supervisor: Supervisor, out: io.StringIO) -> None:
    code = "import signal, sys, time; print('up', flush=True); signal.sigwait([15]); print('down', flush=True)"
    blocked = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [15]); " + code
    supervisor.start(python("postgres", blocked, wave=0))
    supervisor.start(python("web", blocked))
    supervisor.until(lambda: out.getvalue().count("up") == 2, name="web", seconds=30)
    supervisor.stop()
    assert out.getvalue().endswith("web      | down\npostgres | down\n")


def test_who_does_not_stop_in_its_time_is_killed(supervisor: Supervisor, out: io.StringIO) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); "
    supervisor.start(python("events", deaf + FOR_EVER, stop_seconds=0.5))
    supervisor.until(lambda: "up" in out.getvalue(), name="events", seconds=30)
    process = supervisor._wards[0].process
    assert process
    supervisor.stop()
    assert process.returncode == -signal.SIGKILL


def test_a_signal_stops_the_tending(supervisor: Supervisor) -> None:
    supervisor.start(python("web", FOR_EVER))
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Stopped):
        supervisor.forever()

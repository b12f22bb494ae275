"""The list of the product's processes, and the supervisor that keeps them running on one machine.

docker-compose.yml runs the same list, one container for each; a test compares the two.
"""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

from ops.child import Failure, Program, ask_to_stop, end_group, spawn
from ops.lanes import THREADS

# `{data}` is the data directory. Addresses come through GRANIAN_UDS or GRANIAN_PORT. Programs start by
# `python -m`, because the scripts of a .venv contain its path and break when a checkout moves.
_GRANIAN = ("python", "-m", "granian", "--no-ws", "--respawn-failed-workers", "--workers-kill-timeout", "5")


def _threads(name: str) -> tuple[str, ...]:
    processes, threads = THREADS[name]
    return ("--interface", "wsgi", "--workers", str(processes), "--blocking-threads", str(threads))


_CELERY = ("python", "-m", "celery", "--quiet", "--app", "config.celery:app")
PROCESSES: dict[str, tuple[str, ...]] = {
    "web": (*_GRANIAN, *_threads("web"), "config.wsgi:application"),
    # Logs, and answers to alerts: sign-ins and page views cannot delay them.
    "urgent": (*_GRANIAN, *_threads("urgent"), "config.urgent:application"),
    # An open stream would block a shutdown for ever: the kill timeout ends it, and the browser reconnects.
    "events": (*_GRANIAN, "--interface", "asginl", "config.asgi:application"),
    "worker": (*_CELERY, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle"),
    "beat": (*_CELERY, "beat", "--schedule", "{data}/beat-schedule"),
    "watchdog": ("python", "manage.py", "watchdog"),
}

# On an overloaded machine, pages wait for the processes that take logs and send alerts (nice value; in a
# container, cpu_shares).
GIVES_WAY = {"web": 5}

# A process that sends alerts must restart soon, even when it keeps dying.
FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS, STEADY_SECONDS = 0.5, 2.0, 10.0
GIVE_UP_AT_START = 3
LONGEST_LINE_BYTES = 64 * 1024


class Stopped(Exception):
    """A signal asked us to stop."""


@dataclass(eq=False)
class _Ward:
    """A supervised program: its process, and how often it died in a row."""

    program: Program
    once: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0
    due_at: float = 0
    deaths: int = 0
    partial: bytes = b""
    lines: list[str] = field(default_factory=list)


class Supervisor:
    """Starts programs, prefixes their output with their names, restarts dead ones, and stops all in order."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._wards: list[_Ward] = []
        self._selector = selectors.DefaultSelector()
        self._signals = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def start(self, program: Program) -> None:
        """Run the program and keep it running until stop()."""
        ward = _Ward(program)
        self._wards.append(ward)
        self._spawn(ward)

    def run(self, program: Program) -> tuple[int, list[str]]:
        """Run the program to its end; returns its exit status and the lines of its output, which are not shown."""
        ward = _Ward(program, once=True)
        self._wards.append(ward)
        self._spawn(ward)
        while ward.process:
            self._tend()
        self._wards.remove(ward)
        return ward.deaths, ward.lines

    def until(self, condition: Callable[[], bool], *, name: str, seconds: float) -> None:
        """Supervise until the condition holds; raises Failure when the named program dies often or is too slow."""
        ward = next(ward for ward in self._wards if ward.program.name == name)
        deadline = time.monotonic() + seconds
        while not condition():
            self._tend()
            if ward.deaths >= GIVE_UP_AT_START or time.monotonic() > deadline:
                raise Failure(f"{name} did not start: {(ward.lines or ['it said nothing here'])[-1]}")

    def forever(self) -> None:
        """Supervise all programs until a signal asks us to stop (raises Stopped)."""
        while True:
            self._tend()

    def stop(self) -> None:
        """Stop wave after wave, engines last; a program that does not stop in its time is killed."""
        self._signals = min(self._signals, 1)
        for wave in sorted({ward.program.wave for ward in self._wards}, reverse=True):
            members = [ward for ward in self._wards if ward.program.wave == wave and ward.process]
            for ward in members:
                if ward.process:
                    ask_to_stop(ward.process, ward.program)
            self._await_end(members)

    def _await_end(self, members: list[_Ward]) -> None:
        started = time.monotonic()
        while running := [ward for ward in members if ward.process]:
            self._relay()
            for ward in running:
                assert ward.process is not None
                late = time.monotonic() - started > ward.program.stop_seconds
                # A second Ctrl-C kills at once, except PostgreSQL: that could damage its files.
                hurried = self._signals > 1 and ward.program.wave > 0
                if ward.process.poll() is not None or late or hurried:
                    self._bury(ward)

    def _tend(self) -> None:
        if self._signals:
            raise Stopped
        self._relay()
        now = time.monotonic()
        for ward in list(self._wards):
            if ward.process and ward.process.poll() is not None:
                self._on_death(ward, now)
            elif not ward.process and not ward.once and now >= ward.due_at:
                self._respawn(ward, now)

    def _on_death(self, ward: _Ward, now: float) -> None:
        assert ward.process is not None
        status = ward.process.returncode
        self._bury(ward)
        if ward.once:
            ward.deaths = status
            return
        if now - ward.started_at > STEADY_SECONDS:
            ward.deaths = 0
        self._put_off(ward, now, f"ended ({_reason(status)})")

    def _respawn(self, ward: _Ward, now: float) -> None:
        try:
            self._spawn(ward)
        except Failure as failure:
            # When the machine is short of memory or processes for a moment, the other programs go on.
            self._put_off(ward, now, str(failure))

    def _put_off(self, ward: _Ward, now: float, why: str) -> None:
        ward.deaths += 1
        delay = min(FIRST_DELAY_SECONDS * 2 ** (ward.deaths - 1), LONGEST_DELAY_SECONDS)
        ward.due_at = now + delay
        self._say(ward.program.name, f"{why}; starting again in {delay:g} s")

    def _spawn(self, ward: _Ward) -> None:
        stderr = None if ward.once else subprocess.STDOUT
        ward.process = spawn(ward.program, stdout=subprocess.PIPE, stderr=stderr)
        ward.started_at = time.monotonic()
        assert ward.process.stdout is not None
        os.set_blocking(ward.process.stdout.fileno(), False)
        self._selector.register(ward.process.stdout, selectors.EVENT_READ, ward)

    def _bury(self, ward: _Ward) -> None:
        assert ward.process is not None
        assert ward.process.stdout is not None
        end_group(ward.process)
        self._read(ward)
        self._show(ward, ward.partial)
        ward.partial = b""
        if ward.process.stdout in self._selector.get_map():
            self._selector.unregister(ward.process.stdout)
        ward.process.stdout.close()
        ward.process = None

    def _relay(self, seconds: float = 0.1) -> None:
        if not self._selector.get_map():
            time.sleep(seconds)
        for key, _ in self._selector.select(seconds):
            if not self._read(key.data):
                # Its output is closed but the process still runs: stop polling, or we would spin.
                self._selector.unregister(key.fileobj)

    def _read(self, ward: _Ward) -> bool:
        assert ward.process is not None
        assert ward.process.stdout is not None
        chunk = ward.process.stdout.read(LONGEST_LINE_BYTES)
        *lines, ward.partial = (ward.partial + (chunk or b"")).split(b"\n")
        if len(ward.partial) > LONGEST_LINE_BYTES:
            lines, ward.partial = [*lines, ward.partial], b""
        for line in lines:
            self._show(ward, line)
        return chunk != b""

    def _show(self, ward: _Ward, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        if not text:
            return
        ward.lines.append(text)
        if not ward.once:
            del ward.lines[:-20]
            self._say(ward.program.name, text)

    def _say(self, name: str, text: str) -> None:
        try:
            self._out.write(f"{name:<8} | {text}\n")
            self._out.flush()
        except OSError:
            # The reader of our output is gone (a closed terminal, `| head`): treat that as a request to stop.
            self._signals = max(self._signals, 1)

    def _on_signal(self, number: int, frame: object) -> None:
        self._signals += 1


def _reason(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"

"""The real product, every process of it, for tests that need more than one process can show."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ops.datadir import DataDir
from ops.up import ROOT
from tests.waiting import until

START_SECONDS, STOP_SECONDS = 180, 60
# Set for the tests' own process; the stack has its own engines and its own directory.
NOT_INHERITED = ("DATABASE_URL", "REDIS_URL", "DATA_DIR", "STATIC_ROOT", "BASE_URL", "DJANGO_ALLOW_ASYNC_UNSAFE")


@contextmanager
def running_stack(directory: Path, *, demo: bool = False, **settings: str) -> Iterator[str]:
    """Run web, events, worker, beat, watchdog, front and both engines; yields the base URL, stops all after.

    Data lies in `directory`/data (a second run finds it again), output in `directory`/up.log.
    """
    process = start_stack(directory, demo=demo, **settings)
    try:
        yield str(await_stack(directory, process)["address"])
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait(STOP_SECONDS)
    assert status == 0, _log(directory)
    assert left_behind(directory) == []


def start_stack(
    directory: Path, *, demo: bool = False, main: str = "ops.up", port: int = 0, **settings: str
) -> "subprocess.Popen[bytes]":
    """Start it and return at once. main: the module that starts it. port: where it answers; 0: any free one."""
    environment = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    with (directory / "up.log").open("ab") as log:
        return subprocess.Popen(
            [
                *(sys.executable, "-c", f"import sys; from {main} import main; sys.exit(main(sys.argv[1:]))"),
                *("--port", str(port), "--data", str(directory / "data")),
                *(() if demo else ("--no-demo",)),
            ],
            cwd=ROOT,
            env=environment | {"DEMO": "1" if demo else "0", "DEMO_PATIENTS": "13"} | settings,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def await_stack(directory: Path, process: "subprocess.Popen[bytes]") -> dict[str, object]:
    """Wait until everything runs; the state it wrote: address, pid, DATABASE_URL, REDIS_URL."""

    def ready() -> dict[str, object] | None:
        state = DataDir(directory / "data").state()
        assert process.poll() is None, "it ended"
        return state if state.get("ready") and state["pid"] == process.pid else None

    try:
        return until(ready, START_SECONDS, every_seconds=0.1) or {}
    except AssertionError as error:
        raise AssertionError(f"{error}\n{_log(directory)}") from None


def pids(directory: Path, *words: str) -> list[int]:
    """Processes of the stack in this directory whose command line has all these words, oldest first."""
    mark = os.fsencode(directory / "data")
    found = []
    for place in Path("/proc").iterdir():
        if not place.name.isdigit():
            continue
        try:
            command, environment = (place / "cmdline").read_bytes(), (place / "environ").read_bytes()
        except OSError:
            continue
        if mark in command + environment and all(word.encode() in command for word in words):
            found.append(int(place.name))
    return sorted(found)


def left_behind(directory: Path, *, seconds: float = 15) -> list[int]:
    """Processes of the stack that are still there when the time is up."""
    with suppress(AssertionError):
        until(lambda: not pids(directory), seconds, every_seconds=0.2)
    return pids(directory)


def _log(directory: Path) -> str:
    return (directory / "up.log").read_text(errors="replace")[-4000:]

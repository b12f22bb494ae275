"""The running product as the nemesis sees it: how to find its processes, and the faults it can cause."""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from faults import machine, next_version, wire
from faults.clocks import Clocks
from faults.ledger import Ledger
from faults.stores import Broker, Database
from ops.datadir import DataDir
from ops.supervisor import PROCESSES
from patients.wall.roles import ROLES
from tests.processes import pids

# Longer than any process may take to stop (ops.child).
RESTART_SECONDS = 20
# Words of the command line, by which a process of the supervisor's table is found.
WORDS = {
    "web": ("granian", "config.wsgi"),
    "urgent": ("granian", "config.urgent"),
    "events": ("granian", "config.asgi"),
    "worker": ("celery", "config.celery:app", "worker"),
    "beat": ("celery", "config.celery:app", "beat"),
    "watchdog": ("manage.py", "watchdog"),
    "front": ("ops.front",),
    "valkey": ("valkey-server",),
    "postgres": ("postgres", "unix_socket_directories"),
}


class Target:
    """The product that runs in `folder`. What the nemesis does is recorded in nemesis.jsonl."""

    def __init__(
        self, folder: Path, ports: Mapping[str, int], wires_port: int, start_again: Callable[[int], object]
    ) -> None:
        self.folder = folder
        self._wires_port, self._ports, self._start_again = wires_port, ports, start_again
        self._clocks = Clocks(folder, tuple(PROCESSES))
        # Held by faults that stop or replace the whole product.
        self._whole = threading.Lock()
        self.log = Ledger(folder / "nemesis.jsonl")
        self._find_stores()

    def _find_stores(self) -> None:
        state = self._state()
        self.database = Database(str(state["DATABASE_URL"]), lambda: self.family("postgres"))
        self.broker = Broker(str(state["REDIS_URL"]))

    def _state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "data" / "state.json").read_text())
        return found

    def main(self, name: str) -> int | None:
        """The id of the process that the supervisor started; None while it is being started again.

        Found by its parent. The lowest id may be a child's, because the kernel starts to count anew at some point.
        """
        found = pids(self.folder, *WORDS[name])
        return next((pid for pid in found if _parent(pid) not in found), None)

    def family(self, name: str) -> list[int]:
        """The ids of the process and its descendants; empty while it is being started again."""
        first = self.main(name)
        return [first, *_descendants(first)] if first else []

    def kill(self, name: str, *, child: bool = False) -> bool:
        """Send SIGKILL to the process, or to its youngest descendant; False when there is none."""
        family = self.family(name)
        chosen = family[-1:] if child else family[:1]
        return self._signal(chosen, signal.SIGKILL)

    def quit(self, name: str) -> bool:
        """Send SIGQUIT: PostgreSQL then shuts down at once, without a checkpoint."""
        return self._signal(self.family(name)[:1], signal.SIGQUIT)

    def hold(self, name: str, seconds: float) -> bool:
        """Stop the process and its descendants for a while (SIGSTOP), then let them go on."""
        family = self.family(name)
        done = self._signal(family, signal.SIGSTOP)
        time.sleep(seconds)
        self._signal(family, signal.SIGCONT)
        return done

    def _signal(self, chosen: list[int], number: int) -> bool:
        done = False
        for pid in chosen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
                done = True
        return done

    def roll(self, names: Iterable[str], settle_seconds: float) -> bool:
        """Restart one process after the other, as an update does: each once the one before runs again."""
        done = False
        for name in names:
            before, patience = self.main(name), time.monotonic() + RESTART_SECONDS
            done |= self._signal([before] if before else [], signal.SIGTERM)
            while self.main(name) in (before, None) and time.monotonic() < patience:
                time.sleep(0.1)
            time.sleep(settle_seconds)
        return done

    def next_version(self, names: Iterable[str], settle_seconds: float) -> bool:
        """Prepare the database for the next version while this one runs, then restart one process after the other.

        So old and new code work side by side on the new tables. False when that was done before or failed.
        """
        with self._whole:
            return self._next_version(names, settle_seconds)

    def _next_version(self, names: Iterable[str], settle_seconds: float) -> bool:
        place = self.folder / "next"
        if place.exists():
            return False  # there is only one next version
        next_version.make(place)
        known = self._environment("worker") | {"DATABASE_URL": str(self._state()["DATABASE_URL"])}
        passwords = DataDir(self.folder / "data").database_passwords(role.name for role in ROLES)
        known |= {role.env: passwords[role.name] for role in ROLES}
        tries = next_version.prepare(place, known)
        self.log.write(what="prepared", tries=tries)
        fresh = self.folder / "version.new"
        fresh.symlink_to(place)
        fresh.replace(self.folder / machine.VERSION)
        return self.roll(names, settle_seconds) and bool(tries)

    def kill_supervisor(self, seconds: float) -> bool:
        """Kill only bin/up, and start it again at the same address so many seconds later."""
        with self._whole:
            state = self._state()
            os.kill(int(state["pid"]), signal.SIGKILL)
            began = time.monotonic()
            time.sleep(seconds)
            left = len(pids(self.folder))
            self._start_again(urllib.parse.urlsplit(str(state["address"])).port or 0)
            self._find_stores()
            self.log.write(what="started again", left=left, seconds=time.monotonic() - began - seconds)
        return True

    def double(self, name: str, seconds: float) -> bool:
        """Run the same process twice for a while, the second as if on another machine, without a supervisor."""
        first = self.main(name)
        if first is None:
            return False
        place = Path(f"/proc/{first}")
        here, elsewhere = (str(self.folder / part) for part in ("data", "second"))
        (self.folder / "second").mkdir(exist_ok=True)
        known = self._environment(name)
        argv = [part.replace(here, elsewhere) for part in _parts(place / "cmdline")]
        with (self.folder / "second.log").open("ab") as log:
            second = subprocess.Popen(
                argv,
                cwd=place.joinpath("cwd").readlink(),
                env=known | {"DATA_DIR": elsewhere},
                stdout=log,
                stderr=log,
            )
        try:
            time.sleep(seconds)
            return second.poll() is None
        finally:
            second.kill()
            second.wait()

    def _environment(self, name: str) -> dict[str, str]:
        """The environment with which a process was started."""
        parts = _parts(Path(f"/proc/{self.main(name)}/environ"))
        return dict(part.partition("=")[::2] for part in parts)

    def step_clocks(self, names: Iterable[str], jump_seconds: float, seconds: float) -> bool:
        """Let the clocks of these processes jump, and later back; False on a machine without a C compiler."""
        names = tuple(names)
        done = [self._clocks.set(name, jump_seconds) for name in names]
        time.sleep(seconds)
        for name in names:
            self._clocks.set(name, 0)
        return all(done)

    def network(self, mode: str, names: Iterable[str], seconds: float) -> bool:
        """Let these wires misbehave for a while (faults.wire)."""
        names = tuple(names)
        wire.tell(self._wires_port, mode, *names)
        time.sleep(seconds)
        wire.tell(self._wires_port, "pass", *names)
        return True

    def provider(self, mode: str, seconds: float) -> bool:
        """Let the mail server misbehave for a while."""
        order = self.folder / "provider.json"
        fresh = order.with_suffix(".new")
        fresh.write_text(json.dumps({"mode": mode, "until": time.time() + seconds}))
        fresh.replace(order)
        time.sleep(seconds)
        return True

    def simulator(self, name: str, seconds: float, **settings: float) -> bool:
        """Let the provider of texts, or the clinics' own systems, misbehave for a while (simulator.faults)."""
        before = json.loads(self._control(name, "GET", {}))
        self._control(name, "PUT", settings)
        time.sleep(seconds)
        self._control(name, "PUT", {one: before[one] for one in settings})
        return True

    def _control(self, name: str, method: str, settings: dict[str, float]) -> bytes:
        url, body = f"http://127.0.0.1:{self._ports[name]}/control", json.dumps(settings).encode()
        with urllib.request.urlopen(urllib.request.Request(url, body, method=method), timeout=10) as answer:
            found: bytes = answer.read()
        return found

    def arm(self, point: str, action: str) -> bool:
        """Order the next process that reaches a fail-point to act, once the order before was obeyed."""
        if not self.met(point, 30):
            return False
        order = self._order(point)
        fresh = order.with_suffix(".new")
        fresh.write_text(action)
        fresh.replace(order)
        return True

    def met(self, point: str, seconds: float) -> bool:
        """Wait until a process has obeyed the order at this fail-point; False when none did in time."""
        patience = time.monotonic() + seconds
        while self._order(point).exists():
            if time.monotonic() > patience:
                return False
            time.sleep(0.1)
        return True

    def _order(self, point: str) -> Path:
        return self.folder / "failpoints" / point


def _parts(place: Path) -> list[str]:
    """The parts of a file in /proc that ends each with a zero byte."""
    return place.read_bytes().decode().split("\0")[:-1]


def _parent(pid: int) -> int | None:
    """The id of the process's parent; None when it has ended."""
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return None


def _descendants(first: int) -> list[int]:
    """The ids of all descendants, each generation sorted, oldest first."""
    parents: dict[int, list[int]] = {}
    for place in Path("/proc").iterdir():
        parent = _parent(int(place.name)) if place.name.isdigit() else None
        if parent is not None:
            parents.setdefault(parent, []).append(int(place.name))
    found, todo = [], [first]
    while todo:
        children = sorted(parents.get(todo.pop(0), []))
        found += children
        todo += children
    return found

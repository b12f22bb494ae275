"""The running product as the nemesis sees it: which process is whose, and what can be done to it."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterable
from pathlib import Path

import psycopg2
import redis

from config.supervisor import PROCESSES
from faults import wire
from faults.clocks import Clocks
from faults.ledger import Ledger
from tests.processes import pids

TRIES = 8
# Longer than any process may take to stop (config.child).
RESTART_SECONDS = 20
# Words of the command line, by which a process of the supervisor's table is found.
WORDS = {
    "web": ("granian", "config.wsgi"),
    "urgent": ("granian", "config.urgent"),
    "events": ("granian", "config.asgi"),
    "worker": ("celery", "config.celery:app", "worker"),
    "beat": ("celery", "config.celery:app", "beat"),
    "watchdog": ("manage.py", "watchdog"),
    "front": ("config.front",),
    "valkey": ("valkey-server",),
    "postgres": ("postgres", "unix_socket_directories"),
}


class Target:
    """Everything the nemesis may touch lies in `folder`; each act is written to nemesis.jsonl."""

    def __init__(self, folder: Path, texts_port: int, wires_port: int) -> None:
        self.folder = folder
        self._wires_port = wires_port
        self._clocks = Clocks(folder, tuple(PROCESSES))
        self._texts = f"http://127.0.0.1:{texts_port}/control"
        self.log = Ledger(folder / "nemesis.jsonl")
        state = json.loads((folder / "data" / "state.json").read_text())
        self._database, self._redis = str(state["DATABASE_URL"]), str(state["REDIS_URL"])

    def main(self, name: str) -> int | None:
        """The process the supervisor started; None while it is being started again.

        By its parent, not by its number: numbers begin anew, and then a child has a lower one.
        """
        found = pids(self.folder, *WORDS[name])
        return next((pid for pid in found if _parent(pid) not in found), None)

    def family(self, name: str) -> list[int]:
        """The process and all that came from it."""
        first = self.main(name)
        return [first, *_descendants(first)] if first else []

    def kill(self, name: str, *, child: bool = False) -> bool:
        """SIGKILL to the process, or to the youngest that came from it."""
        family = self.family(name)
        chosen = family[-1:] if child else family[:1]
        return self._signal(chosen, signal.SIGKILL)

    def quit(self, name: str) -> bool:
        """SIGQUIT: for PostgreSQL, an immediate shutdown without a checkpoint."""
        return self._signal(self.family(name)[:1], signal.SIGQUIT)

    def hold(self, name: str, seconds: float) -> bool:
        """Stop everything of it for a while, then let it go on as if nothing had been."""
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
        """Ask one after the other to stop, as a new version does: the next when the one before is there again."""
        done = False
        for name in names:
            before, patience = self.main(name), time.monotonic() + RESTART_SECONDS
            done |= self._signal([before] if before else [], signal.SIGTERM)
            while self.main(name) in (before, None) and time.monotonic() < patience:
                time.sleep(0.1)
            time.sleep(settle_seconds)
        return done

    def step_clocks(self, names: Iterable[str], jump_seconds: float, seconds: float) -> bool:
        """The clocks of these processes jump, and after a while back; False on a machine without a C compiler."""
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

    def lock_table(self, table: str, seconds: float) -> bool:
        """Nobody reads or writes it for a while, as in a migration that takes too much."""
        return self._in_database(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep({seconds})")

    def terminate_backends(self) -> bool:
        """Every session of every process ends in the middle of whatever it does."""
        return self._in_database(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )

    def _in_database(self, statements: str) -> bool:
        """In one transaction; a database that is just being started again is waited for."""
        for _ in range(TRIES):
            try:
                with contextlib.closing(psycopg2.connect(self._database, connect_timeout=3)) as line:
                    with line, line.cursor() as cursor:
                        cursor.execute(statements)
                    return True
            except psycopg2.Error:
                time.sleep(1)
        return False

    def full_disk(self, seconds: float) -> bool:
        """PostgreSQL can write no file beyond a megabyte, its log of changes included: as on a full disk.

        False, and nothing happens, where this machine does not let us set another process's limits.
        """
        limited = [_limit_files(pid, str(1 << 20)) for pid in self.family("postgres")]
        time.sleep(seconds)
        for pid in self.family("postgres"):
            _limit_files(pid, "unlimited")
        return any(limited)  # a session may have ended between looking and doing

    def flush_broker(self) -> bool:
        """Forget everything Redis holds."""
        try:
            redis.Redis.from_url(self._redis, socket_timeout=2).flushall()
        except redis.RedisError:
            return False
        return True

    def fill_broker(self, seconds: float) -> bool:
        """Redis refuses every write as if its memory were full."""
        try:
            client = redis.Redis.from_url(self._redis, socket_timeout=2)
            client.config_set("maxmemory", "1")
            time.sleep(seconds)
            client.config_set("maxmemory", "0")
        except redis.RedisError:
            return False
        return True

    def provider(self, mode: str, seconds: float) -> bool:
        """Let the mail server misbehave for a while."""
        order = self.folder / "provider.json"
        fresh = order.with_suffix(".new")
        fresh.write_text(json.dumps({"mode": mode, "until": time.time() + seconds}))
        fresh.replace(order)
        time.sleep(seconds)
        return True

    def texts(self, seconds: float, **settings: float) -> bool:
        """Let the provider of text messages misbehave for a while (alerts.simulator.faults)."""
        self._control(settings)
        time.sleep(seconds)
        self._control(dict.fromkeys(settings, 0.0))
        return True

    def _control(self, settings: dict[str, float]) -> None:
        request = urllib.request.Request(self._texts, json.dumps(settings).encode(), method="PUT")
        urllib.request.urlopen(request, timeout=10).close()

    def arm(self, point: str, action: str) -> bool:
        """Order the next process that comes by a fail-point to act, after the one before has."""
        if not self.met(point, 30):
            return False
        order = self._order(point)
        fresh = order.with_suffix(".new")
        fresh.write_text(action)
        fresh.replace(order)
        return True

    def met(self, point: str, seconds: float) -> bool:
        """Wait until somebody has come by this fail-point and done as ordered; False when nobody did in time."""
        patience = time.monotonic() + seconds
        while self._order(point).exists():
            if time.monotonic() > patience:
                return False
            time.sleep(0.1)
        return True

    def _order(self, point: str) -> Path:
        return self.folder / "failpoints" / point


def _parent(pid: int) -> int | None:
    """Whose child it is; None when it has ended."""
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return None


def _descendants(first: int) -> list[int]:
    """Children and theirs, oldest first."""
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


def _limit_files(pid: int, size: str) -> bool:
    """Set how large a file this process may write; as its own user, which asks for no right of ours."""
    tool = shutil.which("prlimit")
    try:
        owner = Path(f"/proc/{pid}").stat()
        argv = [str(tool), "--pid", str(pid), f"--fsize={size}:unlimited"]
        return (
            bool(tool)
            and not subprocess.run(
                argv, stderr=subprocess.DEVNULL, user=owner.st_uid, group=owner.st_gid, extra_groups=[]
            ).returncode
        )
    except (OSError, subprocess.SubprocessError):
        return False

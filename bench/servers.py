"""Web servers of one bench: each on a socket of its own, with what their processes and database lines cost."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from bench.sockets import Line
from ops.child import Program, end_group, spawn

START_SECONDS = 60


@dataclass(frozen=True)
class Web:
    """A running server: its socket, its first process, and the database name and role of its lines."""

    name: str
    place: Path
    pid: int
    database: str
    role: str

    def cpu_seconds(self, backends: Callable[[str, str], list[int]]) -> float:
        """Processor time of all its processes and of its lines' backends so far."""
        return sum(map(spent, [*tree(self.pid), *backends(self.database, self.role)]))


@contextmanager
def serving(name: str, application: str, url: str, folder: Path, more: Mapping[str, str]) -> Iterator[Web]:
    """A WSGI application behind granian, as the product is served: two processes of four threads each.

    url: the address of its database, with the role it uses.
    """
    place = folder / f"{name}.sock"
    granian = shutil.which("granian", path=f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}")
    argv = (granian or "granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "4", application)
    environment = {**os.environ, **more, "GRANIAN_UDS": str(place), "GRANIAN_LOG_LEVEL": "warning"}
    log = (folder / f"{name}.log").open("wb")
    process = spawn(Program(name, argv, environment), stdout=log)  # type: ignore[arg-type]
    try:
        _until_it_answers(place, folder / f"{name}.log")
        parts = urlsplit(url)
        yield Web(name, place, process.pid, parts.path.strip("/"), parts.username or "")
    finally:
        end_group(process)
        log.close()


def _until_it_answers(place: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError):
            Line(place).ask("GET", "/", {})
            return
        time.sleep(0.2)
    raise SystemExit(log.read_text()[-2000:])


def tree(pid: int) -> list[int]:
    """The process and all it started."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
    return found


def spent(pid: int) -> float:
    """Seconds on a processor, of all threads that the process still has."""
    nanoseconds = 0
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                nanoseconds += int((task / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9


def lines_of(administrator: str) -> Callable[[str, str], list[int]]:
    """Returns what finds the backends of a database and role; it keeps one connection."""
    line = psycopg2.connect(administrator)
    line.autocommit = True

    def backends(database: str, role: str) -> list[int]:
        with line.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s AND usename = %s", (database, role)
            )
            return [pid for (pid,) in cursor.fetchall()]

    return backends

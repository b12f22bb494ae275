"""PostgreSQL and Redis as the nemesis sees them: what can be done to where facts and hints are kept."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
import redis

TRIES = 8
# Somebody else's program on the same server.
CROWD = "kypho_crowd"


class Database:
    """url: straight to it, as its administrator. family: PostgreSQL's processes."""

    def __init__(self, url: str, family: Callable[[], list[int]]) -> None:
        self._url, self._family = url, family

    def lock(self, table: str, seconds: float) -> bool:
        """Nobody reads or writes it for a while, as in a migration that takes too much."""
        return self._do(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep({seconds})")

    def end_sessions(self, *, but: str = "") -> bool:
        """Every session of every process ends in the middle of whatever it does; those of one role do not."""
        return self._do(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND usename <> '{but}'"
        )

    def read_only(self, seconds: float) -> bool:
        """Every new transaction may only read: a full server's way out, or a copy that others still write to."""
        done = self._set("default_transaction_read_only = on")
        time.sleep(seconds)
        return self._reset("default_transaction_read_only") and done

    def crowd(self, seconds: float, *, ours_too: bool = True) -> bool:
        """Somebody takes every connection there is, ends those of others, and takes these too.

        ours_too: those as well that are kept free for pages and sweeps.
        """
        who = f"DROP ROLE IF EXISTS {CROWD}; CREATE ROLE {CROWD} LOGIN PASSWORD '{CROWD}'"
        made = self._do(f"{who} IN ROLE pg_use_reserved_connections" if ours_too else who)
        lines: list[Any] = []
        until, ended = time.monotonic() + seconds, False
        while made and time.monotonic() < until:
            try:
                lines.append(psycopg2.connect(self._url, user=CROWD, password=CROWD, connect_timeout=2))
            except psycopg2.OperationalError:
                ended = ended or self.end_sessions(but=CROWD)
                time.sleep(0.01)
        for line in lines:
            line.close()
        return ended

    def full_disk(self, seconds: float) -> bool:
        """PostgreSQL can write no file beyond a megabyte, its log of changes included: as on a full disk.

        False, and nothing happens, where this machine does not let us set another process's limits.
        """
        limited = [_limit_files(pid, str(1 << 20)) for pid in self._family()]
        time.sleep(seconds)
        for pid in self._family():
            _limit_files(pid, "unlimited")
        return any(limited)  # a session may have ended between looking and doing

    def _set(self, setting: str) -> bool:
        return self._do(f"ALTER SYSTEM SET {setting}", alone=True) and self._do("SELECT pg_reload_conf()")

    def _reset(self, name: str) -> bool:
        return self._do(f"ALTER SYSTEM RESET {name}", alone=True) and self._do("SELECT pg_reload_conf()")

    def _do(self, statements: str, *, alone: bool = False) -> bool:
        """In one transaction, or alone, in none; a database that is just being started again is waited for."""
        for _ in range(TRIES):
            try:
                with contextlib.closing(psycopg2.connect(self._url, connect_timeout=3)) as line:
                    line.autocommit = alone
                    line.cursor().execute(statements)
                    if not alone:
                        line.commit()
                    return True
            except psycopg2.Error:
                time.sleep(1)
        return False


class Broker:
    """Redis, by its own address."""

    def __init__(self, url: str) -> None:
        self._url = url

    def flush(self) -> bool:
        """Forget everything it holds."""
        return self._for(0, lambda client: client.flushall())

    def fill(self, seconds: float) -> bool:
        """It refuses every write as if its memory were full."""
        return self._for(seconds, *(setting("maxmemory", value) for value in ("1", "0")))

    def lone(self, seconds: float) -> bool:
        """It refuses every write because the copies it wants are gone."""
        return self._for(seconds, *(setting("min-replicas-to-write", value) for value in ("1", "0")))

    def follow(self, seconds: float) -> bool:
        """It has become the copy of another one, which cannot be reached: it is read, and refuses every write."""
        return self._for(
            seconds,
            lambda client: client.execute_command("REPLICAOF", "127.0.0.1", "1"),
            lambda client: client.execute_command("REPLICAOF", "NO", "ONE"),
        )

    def _for(self, seconds: float, *acts: Callable[["redis.Redis"], object]) -> bool:
        """One act after the other, so far apart."""
        try:
            client = redis.Redis.from_url(self._url, socket_timeout=2)
            for number, act in enumerate(acts):
                time.sleep(seconds if number else 0)
                act(client)
        except redis.RedisError:
            return False
        return True


def setting(name: str, value: str) -> Callable[["redis.Redis"], object]:
    """An act: this setting gets this value."""
    return lambda client: client.config_set(name, value)


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

"""PostgreSQL and Redis as the nemesis sees them: the faults it can cause in each."""

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
# The role of another program on the same server.
CROWD = "kypho_crowd"


class Database:
    """PostgreSQL. url: its own address, as administrator. family: returns its processes."""

    def __init__(self, url: str, family: Callable[[], list[int]]) -> None:
        self._url, self._family = url, family

    def lock(self, table: str, seconds: float) -> bool:
        """Let no one read or write this table for a while, as a migration that locks too much does."""
        return self._do(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep({seconds})")

    def end_sessions(self, *, but: str = "") -> bool:
        """End every session in the middle of its work, except those of the role `but`."""
        return self._do(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND usename <> '{but}'"
        )

    def read_only(self, seconds: float) -> bool:
        """Make every new transaction read-only for a while, as an operator or a read-only replica would."""
        done = self._set("default_transaction_read_only = on")
        time.sleep(seconds)
        return self._reset("default_transaction_read_only") and done

    def crowd(self, seconds: float, *, ours_too: bool = True) -> bool:
        """Let another program take every connection, end those of others, and take these too.

        ours_too: also those that are reserved for pages and sweeps.
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
        """Let PostgreSQL write no file beyond a megabyte, its WAL included, as on a full disk.

        False, without effect, where this machine does not let us set another process's limits.
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
        """Run the statements in one transaction (alone: in none); retry while the database restarts."""
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
    """Redis. url: its own address, without a wire."""

    def __init__(self, url: str) -> None:
        self._url = url

    def flush(self) -> bool:
        """Delete everything that Redis holds."""
        return self._for(0, lambda client: client.flushall())

    def fill(self, seconds: float) -> bool:
        """Let Redis refuse every write as if its memory were full."""
        return self._for(seconds, *(setting("maxmemory", value) for value in ("1", "0")))

    def lone(self, seconds: float) -> bool:
        """Let Redis refuse every write because it misses the replicas it needs."""
        return self._for(seconds, *(setting("min-replicas-to-write", value) for value in ("1", "0")))

    def follow(self, seconds: float) -> bool:
        """Make Redis the replica of one that cannot be reached: it can be read, and refuses every write."""
        return self._for(
            seconds,
            lambda client: client.execute_command("REPLICAOF", "127.0.0.1", "1"),
            lambda client: client.execute_command("REPLICAOF", "NO", "ONE"),
        )

    def _for(self, seconds: float, *acts: Callable[["redis.Redis"], object]) -> bool:
        """Do one act after the other, so many seconds apart; False when Redis fails."""
        try:
            client = redis.Redis.from_url(self._url, socket_timeout=2)
            for number, act in enumerate(acts):
                time.sleep(seconds if number else 0)
                act(client)
        except redis.RedisError:
            return False
        return True


def setting(name: str, value: str) -> Callable[["redis.Redis"], object]:
    """An act that gives this setting this value."""
    return lambda client: client.config_set(name, value)


def _limit_files(pid: int, size: str) -> bool:
    """Limit the size of the files this process may write; done as its own user, so it needs no rights."""
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

"""The data directory of one installation: its files, its locks and its sockets."""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ops.child import Account, Failure

# The longest path of a UNIX socket that the kernel takes, in bytes.
LONGEST_SOCKET_PATH = 107 if sys.platform == "linux" else 103
LONGEST_SOCKET_NAME = "pg/.s.PGSQL.5432"


@dataclass(frozen=True)
class DataDir:
    """The data directory; everything that outlives a run lies under `path`."""

    path: Path

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def valkey(self) -> Path:
        return self.path / "valkey"

    def create(self) -> None:
        """Make the directory; raises Failure in one line when it cannot be made or written to."""
        try:
            self.path.mkdir(mode=0o711, parents=True, exist_ok=True)
        except OSError as error:
            raise Failure(f"the data directory {self.path} cannot be made: {error.strerror}") from error
        if not os.access(self.path, os.W_OK | os.X_OK):
            why = "is read-only for us" if self.path.stat().st_uid == os.geteuid() else "belongs to another user"
            raise Failure(f"the data directory {self.path} {why}: choose one with --data")

    def sockets(self) -> Path:
        """Return a directory of ours whose path is short enough for sockets: inside the data, else under /tmp."""
        near = self.path / "run"
        mark = hashlib.sha256(str(self.path).encode()).hexdigest()[:12]
        far = Path("/tmp") / f"kypho-{os.getuid()}-{mark}"  # noqa: S108 - its owner is checked below
        chosen = near if _fits(near) else far
        chosen.mkdir(mode=0o711, exist_ok=True)
        found = chosen.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.getuid(), self.path.stat().st_uid):
            raise Failure(f"the socket directory {chosen} belongs to another user: choose another --data")
        return chosen

    def postgres_sockets(self, account: Account | None = None) -> Path:
        """Return PostgreSQL's own socket directory, closed to other accounts: it gives access to every patient."""
        place = self.sockets() / "pg"
        place.mkdir(mode=0o700, exist_ok=True)
        if account:
            os.chown(place, account.uid, account.gid)
        return place

    def drop_sockets(self) -> None:
        """Remove the socket directory after a stop, if it lies outside the data directory."""
        place = self.sockets()
        if place.parent != self.path:
            shutil.rmtree(place, ignore_errors=True)

    def secret_key(self) -> str:
        """Return this installation's SECRET_KEY, made once and readable by its owner alone."""
        return self._kept("secret_key", lambda: secrets.token_urlsafe(64))

    def data_keys(self) -> str:
        """Return the keys of the locked secrets (patients.vault), one on each line, the newest first."""
        return self._kept("data_keys", lambda: secrets.token_urlsafe(32))

    def vapid_key(self, make: Callable[[], str]) -> str:
        """Return this installation's key for push, made once: another key would end push in every browser."""
        return self._kept("vapid_key", make)

    def database_passwords(self, names: Iterable[str]) -> dict[str, str]:
        """Return the password of each named role of our own PostgreSQL; makes those that are missing."""
        place = self.path / "database_passwords"
        known = json.loads(place.read_text()) if place.exists() else {}
        missing = {name: secrets.token_urlsafe(32) for name in names if name not in known}
        if missing:
            fresh = self.path / "database_passwords.new"
            _write_private(fresh, json.dumps(known | missing))
            fresh.replace(place)
        return known | missing

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        """Return the secret of this name; makes it once, in one step, so that a full disk leaves no empty file."""
        place = self.path / name
        if not place.exists() or not place.read_text().strip():
            fresh = self.path / f"{name}.new"
            _write_private(fresh, make())
            fresh.replace(place)
        return place.read_text().strip()

    def hold(self) -> IO[str] | None:
        """Lock this directory to run its engines; None while another process has it. Close the file to release."""
        file = (self.path / "lock").open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return file

    def be_guest(self) -> IO[str]:
        """Take a shared lock for a command that uses engines it did not start; close the file to release it."""
        file = (self.path / "guests").open("a")
        fcntl.flock(file, fcntl.LOCK_SH)
        return file

    def wait_for_guests(self) -> None:
        """Wait until no command uses our engines any more."""
        with (self.path / "guests").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)

    def kind(self) -> str:
        """Return the kind of installation noted at the last start: demo or real; empty before the first start."""
        place = self.path / "kind"
        return place.read_text().strip() if place.exists() else ""

    def keep_kind(self, *, demo: bool) -> None:
        """Note the kind once the database confirmed it, so that the next start can refuse it at once."""
        (self.path / "kind").write_text("demo" if demo else "real")

    def state(self) -> dict[str, Any]:
        """Return what the last holder of the lock wrote: addresses while it runs, always the kind."""
        try:
            found = json.loads((self.path / "state.json").read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def write_state(self, **state: object) -> None:
        """Replace the state in one step; only its owner may read the file, because it holds a password."""
        fresh = self.path / "state.json.new"
        _write_private(fresh, json.dumps(state))
        fresh.replace(self.path / "state.json")


def _fits(directory: Path) -> bool:
    return len(os.fsencode(directory / LONGEST_SOCKET_NAME)) <= LONGEST_SOCKET_PATH


def _write_private(place: Path, text: str) -> None:
    place.unlink(missing_ok=True)
    with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)

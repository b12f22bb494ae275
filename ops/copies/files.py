"""Copies the files of our own server while it runs; with its log they restore up to the last half minute."""

import os
import re
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from ops.child import Failure
from ops.copies import age, programs, wal
from ops.copies.folder import Copy
from ops.datadir import DataDir
from ops.embedded import ADMINISTRATOR, account_for, running

BASE = "base.tar.age"
# PostgreSQL replays a day of log in minutes; a busy machine takes longer.
RECOVER_SECONDS = 4 * 3600
PIECES = "pieces"
SETTINGS = "postgresql.auto.conf"
FIRST = re.compile(r"^START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)", re.MULTILINE)


def administrator(url: str, data: DataDir) -> str:
    """Return the address of our own server's administrator, who may read all files; empty for another server."""
    parts = urlsplit(url)
    if not parts.query.startswith("host=/"):
        return ""
    password = data.database_passwords([ADMINISTRATOR])[ADMINISTRATOR]
    return parts._replace(netloc=f"{ADMINISTRATOR}:{password}@").geturl()


def copy(target: IO[bytes], administrator: str, keys: list[Any]) -> None:
    """Write all files, with the part of the log that makes them complete, encrypted for `keys`; raises Failure."""
    address, environment = programs.signed_in(administrator)
    argv = [programs.program("pg_basebackup"), "--pgdata=-", "--format=tar", "--wal-method=fetch"]
    argv += ["--checkpoint=fast", "--compress=client-gzip:1", "--dbname", address]
    programs.reading(argv, environment, lambda out: age.close(out, target, keys))


def first_piece(files: Path) -> str:
    """Return the first piece of the log that these files need; raises Failure when they do not say."""
    found = FIRST.search((files / "backup_label").read_text())
    if not found:
        raise Failure("the copy of the files does not say where its log begins")
    return found[1]


@dataclass(frozen=True)
class Recovered:
    """A server that runs on restored files: its address, and the first piece of the log that they need."""

    url: str
    first_piece: str


@contextmanager
def recovered(made: Copy, data: DataDir, keys: list[Any], *, log: bool = True) -> Iterator[Recovered]:
    """Restore the files into an empty data folder and run a server on them, with all of the log; raises Failure.

    log: False leaves out what was written after the copy was made.
    """
    _unpack(made.path / BASE, data.postgres, keys)
    first = first_piece(data.postgres)
    settings = data.postgres / SETTINGS
    before = settings.read_text()
    if log:
        pieces = _pieces(made, data, keys, first)
        settings.write_text(f'{before}restore_command = \'cp "{pieces}/%f" "%p"\'\n')
        (data.postgres / "recovery.signal").touch()
    _lend(data)
    with running(data, {"REDIS_URL": "none"}, throwaway=not log, seconds=RECOVER_SECONDS) as addresses:
        yield Recovered(addresses["DATABASE_URL"], first)
    settings.write_text(before)


def _pieces(made: Copy, data: DataDir, keys: list[Any], first: str) -> Path:
    """Decrypt the pieces of the log since the copy into a folder where PostgreSQL fetches them."""
    pieces = data.path / PIECES
    pieces.mkdir(mode=0o700)
    for name, piece in wal.kept(made.path.parent / "wal" / wal.system(data.postgres)):
        if len(name) < 24 or name[8:24] >= first[8:24]:
            wal.bring_back(piece, pieces / name, keys)
    return pieces


def _unpack(source: Path, target: Path, keys: list[Any]) -> None:
    """Unpack while decrypting, so that no second file is needed on the disk; raises Failure."""
    reading, writing = os.pipe()
    trouble: list[Exception] = []

    def fill() -> None:
        try:
            with open(writing, "wb") as sink, source.open("rb") as closed:
                age.open_into(closed, sink, keys)
        except (Failure, OSError) as error:
            trouble.append(error)

    filler = threading.Thread(target=fill)
    filler.start()
    try:
        with open(reading, "rb") as stream, tarfile.open(fileobj=stream, mode="r|gz") as tar:
            tar.extractall(target, filter="data")
    except (tarfile.TarError, OSError) as error:
        trouble.append(error)
    filler.join()
    if trouble:
        raise Failure(f"the files of the copy cannot be unpacked: {trouble[0]}")


def _lend(data: DataDir) -> None:
    """Give the files to the account PostgreSQL runs as, and close them to all others."""
    data.postgres.chmod(0o700)
    if account := account_for(data):
        for top in (data.postgres, data.path / PIECES):
            for path in (top, *top.rglob("*")) if top.exists() else ():
                os.chown(path, account.uid, account.gid, follow_symlinks=False)

"""The files of our own server as they are while it runs, and its log since: back to the last half minute."""

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
# A day of log is replayed in minutes; a machine that is busy takes longer.
RECOVER_SECONDS = 4 * 3600
PIECES = "pieces"
SETTINGS = "postgresql.auto.conf"
FIRST = re.compile(r"^START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)", re.MULTILINE)


def administrator(url: str, data: DataDir) -> str:
    """Our own server's, who alone may read all files; empty where the server is not ours."""
    parts = urlsplit(url)
    if not parts.query.startswith("host=/"):
        return ""
    password = data.database_passwords([ADMINISTRATOR])[ADMINISTRATOR]
    return parts._replace(netloc=f"{ADMINISTRATOR}:{password}@").geturl()


def copy(target: IO[bytes], administrator: str, keys: list[Any]) -> None:
    """All files, with as much of the log as makes them whole, closed for these keys; raises Failure."""
    address, environment = programs.signed_in(administrator)
    argv = [programs.program("pg_basebackup"), "--pgdata=-", "--format=tar", "--wal-method=fetch"]
    argv += ["--checkpoint=fast", "--compress=client-gzip:1", "--dbname", address]
    programs.reading(argv, environment, lambda out: age.close(out, target, keys))


def first_piece(files: Path) -> str:
    """From which piece of the log on these files need it."""
    found = FIRST.search((files / "backup_label").read_text())
    if not found:
        raise Failure("the copy of the files does not say where its log begins")
    return found[1]


@dataclass(frozen=True)
class Recovered:
    """A server that runs on them: its address, and the first piece of the log that they need."""

    url: str
    first_piece: str


@contextmanager
def recovered(made: Copy, data: DataDir, keys: list[Any], *, log: bool = True) -> Iterator[Recovered]:
    """The files in an empty data folder, running, with all of the log that was kept; raises Failure.

    log: False leaves out what came after the copy.
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
    """The log since, opened, where PostgreSQL fetches it."""
    pieces = data.path / PIECES
    pieces.mkdir(mode=0o700)
    for name, piece in wal.kept(made.path.parent / "wal" / wal.system(data.postgres)):
        if len(name) < 24 or name[8:24] >= first[8:24]:
            wal.bring_back(piece, pieces / name, keys)
    return pieces


def _unpack(source: Path, target: Path, keys: list[Any]) -> None:
    """As it is opened: nothing lies on the disk twice. Raises Failure."""
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
    """To whoever PostgreSQL runs as here, and to nobody else."""
    data.postgres.chmod(0o700)
    if account := account_for(data):
        for top in (data.postgres, data.path / PIECES):
            for path in (top, *top.rglob("*")) if top.exists() else ():
                os.chown(path, account.uid, account.gid, follow_symlinks=False)

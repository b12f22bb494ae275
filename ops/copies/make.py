"""Makes an encrypted copy of the records and tries it: `bin/manage backup` runs this."""

import argparse
import io
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psycopg2

from alerts.integrity import copies as newest
from ops.child import Failure
from ops.copies import age, files, folder, programs, trial, wal
from ops.datadir import DataDir
from ops.roles import as_role, said_passwords
from patients.wall.roles import BACKUP

KEEP_DAYS = "35"
KEEPS_ITS_LOG = "SELECT (current_setting('archive_mode') = 'on')::int"
SNAPSHOT = "SELECT pg_export_snapshot()"


def main(arguments: list[str]) -> int:
    """Make a copy and print what became of it; returns the exit status."""
    options = _options(arguments)
    if options.new_key:
        sys.stdout.write(age.new_key())
        return 0
    try:
        if options.made_otherwise:
            newest.note(Path(os.environ["DATA_DIR"]), datetime.now(UTC))
            return 0
        return _make(options, DataDir(Path(os.environ["DATA_DIR"])))
    except (Failure, OSError) as failure:
        sys.stderr.write(f"no copy was made: {failure}\n")
    except psycopg2.Error as error:
        sys.stderr.write(f"no copy was made: {programs.why(error)}\n")
    return 1


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/manage backup",
        description="Copy the records while they are used, encrypted, and try the copy. docs/runbook.md, Backups.",
    )
    parser.add_argument("--to", type=Path, default=os.environ.get("BACKUP_TO") or None, metavar="DIR",
                        help="where copies lie: another disk (default: the setting BACKUP_TO)")  # fmt: skip
    parser.add_argument("--new-key", action="store_true", help="print a new pair of keys, and do nothing else")
    otherwise = "a good copy was made by other means just now: note it, and do nothing else"
    parser.add_argument("--made-otherwise", action="store_true", help=otherwise)
    return parser.parse_args(arguments)


def _make(options: argparse.Namespace, data: DataDir) -> int:
    keys = age.recipients(os.environ.get("BACKUP_RECIPIENTS", ""))
    if options.to is None:
        raise Failure(f"BACKUP_TO does not say where copies lie: {age.HOW}")
    place, began, now = Path(os.path.abspath(options.to)), time.monotonic(), datetime.now(UTC)
    with folder.hold(place):
        fresh = folder.begin(place, now)
        try:
            manifest = _fill(fresh, data, keys) | {"made_at": now.isoformat()}
            copy = folder.finish(fresh, manifest)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        return _told(copy, data, place, time.monotonic() - began)


def _told(copy: folder.Copy, data: DataDir, place: Path, seconds: float) -> int:
    """Print the result and return the exit status; for a good copy, note it and remove the old ones."""
    rows = sum(copy.counts.values())
    sys.stdout.write(f"{copy.path}: {rows} rows of {len(copy.counts)} tables, in {seconds:.0f} s\n")
    if not copy.is_good:
        sys.stderr.write(f"It is kept, and does not count as good: {copy.manifest['seals']}\n")
        return 1
    newest.note(data.path, copy.made_at)
    days = int(os.environ.get("BACKUP_KEEP_DAYS") or KEEP_DAYS)
    for old in folder.too_old(folder.listed(place), copy.made_at, days):
        shutil.rmtree(old.path)
        sys.stdout.write(f"{old.path}: removed, older than {days} days\n")
    _remove_log(copy, data, place)
    return 0


def _remove_log(copy: folder.Copy, data: DataDir, place: Path) -> None:
    """Remove the pieces of our server's log that are older than all copies of its files."""
    needed = [first for one in folder.listed(place) if (first := one.manifest.get("first_piece"))]
    if copy.manifest["first_piece"]:
        wal.remove_before(place / "wal" / wal.system(data.postgres), min(needed, key=lambda name: name[8:]))


def _fill(fresh: Path, data: DataDir, keys: list[Any]) -> dict[str, Any]:
    """Write the copy and try it with a temporary key; returns the manifest without its times and files."""
    for_us, ours = age.for_the_trial()
    counts = _dump(fresh / folder.RECORDS, [*keys, for_us])
    _write(fresh / folder.KEYS, lambda target: age.close(io.BytesIO(folder.pack_keys(data)), target, keys))
    found = trial.try_copy(fresh, counts, [ours], data.path)
    more = _files(fresh, data, [*keys, for_us])
    first = trial.try_files(fresh, counts, [ours], data.path) if more else ""
    return {"counts": counts, "good": not found.seals, "seals": found.seals or "whole", "first_piece": first}


def _files(fresh: Path, data: DataDir, keys: list[Any]) -> bool:
    """Copy the server's files if our server archives its log; returns whether it did."""
    administrator = files.administrator(os.environ["DATABASE_URL"], data)
    if not administrator or not trial.one(administrator, KEEPS_ITS_LOG):
        return False
    _write(fresh / files.BASE, lambda target: files.copy(target, administrator, keys))
    return True


def _dump(place: Path, keys: list[Any]) -> dict[str, int]:
    """Dump all tables as of one moment into the encrypted file; returns the number of rows of each table."""
    with _snapshot(_address()) as (cursor, name):
        address, environment = programs.signed_in(_address())
        argv = [programs.program("pg_dump"), "--format=custom", f"--snapshot={name}", "--lock-wait-timeout=60s"]
        argv += ["--dbname", address]
        _write(place, lambda target: programs.reading(argv, environment, lambda out: age.close(out, target, keys)))
        return programs.count(cursor)


@contextmanager
def _snapshot(url: str) -> Iterator[tuple[Any, str]]:
    """Yield a cursor and the name of its snapshot, so that pg_dump sees the same moment as the cursor."""
    with closing(psycopg2.connect(programs.plain(url), connect_timeout=10)) as line:
        line.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with line.cursor() as cursor:
            cursor.execute(SNAPSHOT)
            ((name,),) = cursor.fetchall()
            yield cursor, name


def _address() -> str:
    """Return the address with the read-only backup role if its password is known; raises Failure if not set."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        raise Failure("DATABASE_URL is not set: start this as bin/manage backup")
    password = said_passwords(os.environ).get(BACKUP.name)
    return as_role(url, BACKUP, password) if password else url


def _write(place: Path, fill: Callable[[IO[bytes]], None]) -> None:
    with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        fill(target)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Tries a copy: restores it into a scratch data folder and checks rows, epoch and seals there."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from ops.child import Failure
from ops.copies import age, files, programs
from ops.copies.folder import RECORDS, Copy
from ops.datadir import DataDir
from ops.embedded import running
from ops.roles import as_role
from ops.up import ROOT, settings_for
from patients.wall.roles import OWNER, ROLES, SWEEPS

# A scratch installation must send nothing: no server answers at this address.
NOBODY = "redis://127.0.0.1:9/0"
SCRATCH = "trial."
ONLY_ADDED = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%_append_only'"
NEWEST = "SELECT max(beat_at) AT TIME ZONE 'UTC' FROM alerts_processbeat"
EPOCHS = "SELECT count(*) FROM alerts_epoch"


@dataclass(frozen=True)
class Outcome:
    """What the trial found: rows of each table, and what is wrong with the seals (empty: all whole)."""

    counts: dict[str, int]
    seals: str


@contextmanager
def scratch(place: Path) -> Iterator[DataDir]:
    """Yield a data folder for one trial and remove it afterwards, because its records are not encrypted."""
    data = DataDir(place / f"{SCRATCH}{os.getpid()}")
    for left in place.glob(f"{SCRATCH}*"):
        if not Path("/proc", left.name.removeprefix(SCRATCH)).exists() or left == data.path:
            shutil.rmtree(left, ignore_errors=True)
    data.create()
    try:
        yield data
    finally:
        data.drop_sockets()
        shutil.rmtree(data.path, ignore_errors=True)


def put_back(copy: Path, url: str, keys: list[Any]) -> None:
    """Restore every row of the copy into an empty database; raises Failure, also for a changed byte."""
    address, environment = programs.signed_in(url)
    argv = [programs.program("pg_restore"), "--exit-on-error", "--single-transaction", "--dbname", address]
    with (copy / RECORDS).open("rb") as source:
        programs.writing(argv, environment, lambda target: age.open_into(source, target, keys))


def counted(url: str) -> dict[str, int]:
    """Return the number of rows of each table in that database."""
    with closing(psycopg2.connect(programs.plain(url))) as line, line.cursor() as cursor:
        return programs.count(cursor)


def compare(wanted: dict[str, int], found: dict[str, int]) -> None:
    """Raise Failure when a table holds another number of rows than it should."""
    differ = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if differ:
        first = differ[0]
        raise Failure(
            f"what was put back is not what was copied: {first} holds {found.get(first, 'no')} rows,"
            f" not {wanted.get(first, 'none')}" + (f", and {len(differ) - 1} more" if differ[1:] else "")
        )


def look(data: DataDir, url: str) -> str:
    """Check epoch and seals with the product's own commands; returns what is wrong with the seals.

    Raises Failure when the product did not notice the restore and begin a new epoch.
    """
    passwords = data.database_passwords(role.name for role in ROLES)
    before = one(url, EPOCHS)
    done = _manage("restored", data, as_role(url, OWNER, passwords[OWNER.name]))
    if done.returncode or one(url, EPOCHS) != before + 1:
        raise Failure(f"the product did not notice that the records were put back: {_last(done)}")
    done = _manage("verify_records", data, as_role(url, SWEEPS, passwords[SWEEPS.name]))
    return _last(done) if done.returncode else ""


def try_copy(copy: Path, wanted: dict[str, int], keys: list[Any], place: Path) -> Outcome:
    """Restore the copy into a scratch folder under `place` and check it; raises Failure when rows differ."""
    with scratch(place) as data, running(data, {"REDIS_URL": NOBODY}, throwaway=True) as addresses:
        url = addresses["DATABASE_URL"]
        put_back(copy, url, keys)
        found = counted(url)
        compare(wanted, found)
        return Outcome(found, look(data, url))


def try_files(fresh: Path, counts: dict[str, int], keys: list[Any], place: Path) -> str:
    """Try the copy of the files, which is a little younger; returns the first piece of the log that it needs."""
    with scratch(place) as data, files.recovered(Copy(fresh, {}), data, keys, log=False) as found:
        not_fewer(counts, found.url)
        return found.first_piece


def try_log(copy: Copy, keys: list[Any], place: Path) -> str:
    """Try the copy of the files with all of the log since and the real key; returns the time it reaches."""
    with scratch(place) as data, files.recovered(copy, data, keys) as found:
        not_fewer(copy.counts, found.url)
        with closing(psycopg2.connect(programs.plain(found.url))) as line, line.cursor() as cursor:
            cursor.execute(NEWEST)
            ((at,),) = cursor.fetchall()
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "an unknown moment"


def not_fewer(wanted: dict[str, int], url: str) -> None:
    """Raise Failure when a table whose rows are only ever added holds fewer rows than it should."""
    with closing(psycopg2.connect(programs.plain(url))) as line, line.cursor() as cursor:
        cursor.execute(ONLY_ADDED)
        added = {name for (name,) in cursor.fetchall()}
    found = counted(url)
    lost = sorted(name for name in added if found.get(name, 0) < wanted.get(name, 0))
    if lost:
        raise Failure(f"what was put back lacks rows: {lost[0]} holds {found.get(lost[0], 'none')}")


def one(url: str, statement: str) -> int:
    with closing(psycopg2.connect(programs.plain(url))) as line, line.cursor() as cursor:
        cursor.execute(statement)
        ((number,),) = cursor.fetchall()
        return int(number)


def _manage(command: str, data: DataDir, url: str) -> "subprocess.CompletedProcess[str]":
    """Run one of the product's management commands on the scratch folder."""
    demo = os.environ.get("DEMO") == "1"
    said = settings_for(data, demo=demo, base_url="http://localhost")
    environment = said | {"DATABASE_URL": url, "REDIS_URL": NOBODY}
    argv = [sys.executable, str(ROOT / "manage.py"), command]
    return subprocess.run(argv, env=environment, capture_output=True, text=True)  # noqa: S603 - they are ours


def _last(done: "subprocess.CompletedProcess[str]") -> str:
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return (lines or ["it said nothing"])[-1]

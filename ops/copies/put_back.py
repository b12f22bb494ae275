"""Restores a copy, or only tries it with the real key: `bin/manage restore` runs this."""

import argparse
import io
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2

from ops import roles
from ops.child import Failure
from ops.copies import age, files, folder, programs, trial
from ops.datadir import DataDir
from ops.embedded import running
from ops.roles import as_role, said_passwords
from ops.up import ROOT
from patients.wall.roles import OWNER

EMPTY = "the database is not empty: give the old one another name first, as docs/runbook.md says"


def main(arguments: list[str], data: DataDir) -> int:
    """Put the copy back, or try it, and print how long that took; returns the exit status."""
    options = _options(arguments)
    began = time.monotonic()
    try:
        copy = folder.read(Path(os.path.abspath(options.copy)))
        keys = age.identities(_text(options.identity))
        _say(f"{copy.path}: made at {copy.made_at:%Y-%m-%d %H:%M:%S} UTC, {sum(copy.counts.values())} rows.")
        if options.only_try:
            data.create()
            seals = trial.try_copy(copy.path, copy.counts, keys, data.path).seals
            if (copy.path / files.BASE).exists():
                _say("With the log since, the newest record is of " + trial.try_log(copy, keys, data.path) + ".")
            _say(seals or "Every row is there, all seals are whole.")
        elif os.environ.get("DATABASE_URL"):
            _into_a_server(copy, keys)
        else:
            _into_our_own(copy, keys, data, options.only_copy)
    except (Failure, OSError) as failure:
        return _failed(str(failure))
    except psycopg2.Error as error:
        return _failed(programs.why(error))
    _say(f"It took {time.monotonic() - began:.0f} seconds.")
    return 0


def _failed(why: str) -> int:
    sys.stderr.write(f"nothing was put back: {why}\n")
    return 1


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/manage restore",
        description="Put a copy back that bin/manage backup made. docs/runbook.md, Putting a copy back.",
    )
    wanted = "the copy, such as kypho-2026-01-31T030000Z"
    parser.add_argument("copy", type=Path, metavar="FOLDER", help=wanted)
    key = "the secret key; - reads it from standard input"
    parser.add_argument("--identity", required=True, metavar="FILE", help=key)
    parser.add_argument(
        "--try", dest="only_try", action="store_true", help="into a scratch folder, and no further"
    )
    alone = "without the log since: as of when the copy was made"
    parser.add_argument("--only-copy", action="store_true", help=alone)
    return parser.parse_args(arguments)


def _text(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"the key file {name} cannot be read") from error


def _into_our_own(copy: folder.Copy, keys: list[Any], data: DataDir, only_copy: bool) -> None:
    """Restore into a scratch folder and rename it at the end, so that a failed restore changes nothing."""
    data.create()
    lock = data.hold()
    if lock is None:
        raise Failure(f"the product, or a command, is using {data.path}: stop bin/up first")
    with lock, trial.scratch(data.path) as aside:
        packed = io.BytesIO()
        with (copy.path / folder.KEYS).open("rb") as source:
            age.open_into(source, packed, keys)
        if (copy.path / files.BASE).exists() and not only_copy:
            with files.recovered(copy, aside, keys) as found:
                trial.not_fewer(copy.counts, found.url)
        else:
            _rows(copy, keys, aside)
        now = datetime.now(UTC)
        if data.postgres.exists():
            lost = data.postgres.rename(data.path / f"postgres.lost-{now:%Y-%m-%dT%H%M%SZ}")
            _say(f"The database from before is in {lost}. Remove it when you are sure: it holds every patient.")
        aside.postgres.rename(data.postgres)
        for name in folder.unpack_keys(packed.getvalue(), data, now):
            _say(f"A key from before is in {data.path / name}.")


def _rows(copy: folder.Copy, keys: list[Any], data: DataDir) -> None:
    with running(data, {"REDIS_URL": trial.NOBODY}) as addresses:
        trial.put_back(copy.path, addresses["DATABASE_URL"], keys)
        trial.compare(copy.counts, trial.counted(addresses["DATABASE_URL"]))


def _into_a_server(copy: folder.Copy, keys: list[Any]) -> None:
    """Restore into an empty database of a server that we do not run; then run `restored` on it."""
    url, passwords = os.environ["DATABASE_URL"], said_passwords(os.environ)
    if trial.counted(url):
        raise Failure(EMPTY)
    roles.make(url, passwords)
    trial.put_back(copy.path, url, keys)
    trial.compare(copy.counts, trial.counted(url))
    roles.own(url)
    own = passwords.get(OWNER.name)
    _restored({**os.environ, "DATABASE_URL": as_role(url, OWNER, own) if own else url})


def _restored(environment: Mapping[str, str]) -> None:
    argv = [sys.executable, str(ROOT / "manage.py"), "restored"]
    done = subprocess.run(argv, env=dict(environment))  # noqa: S603 - the arguments are ours
    if done.returncode:
        raise Failure("the rows are there, but the product could not look at them: run `manage.py restored`")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], DataDir(Path(os.environ["DATA_DIR"]))))

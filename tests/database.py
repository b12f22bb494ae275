"""The database of a test on connections of its own, signed in as any of its roles."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
from django.conf import settings
from django.db import connection, transaction

from ops.datadir import DataDir
from ops.roles import as_role
from patients.wall import signing
from patients.wall.roles import ROLES, Role

# What a request says in a test's own transaction (the wall): for nobody, to look up the session; then for whom.
FOR_WHOM = 2


def passwords() -> dict[str, str]:
    """Of every role, as the engines of the run were told."""
    return DataDir(Path(os.environ["DATA_DIR"])).database_passwords(role.name for role in ROLES)


def administrator() -> str:
    """The address of this test's database, as whoever made it."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return parts._replace(scheme="postgresql", path=f"/{connection.settings_dict['NAME']}").geturl()


@contextmanager
def undone() -> Iterator[None]:
    """What the block writes is taken back at its end: one example leaves nothing to the next."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def line(role: Role | None = None) -> Iterator[Any]:
    """A raw connection, as a role or as the administrator; each statement counts by itself."""
    url = as_role(administrator(), role, passwords()[role.name]) if role else administrator()
    with closing(psycopg2.connect(url)) as raw:
        raw.autocommit = True
        yield raw


_KEPT: dict[str, Any] = {}


@contextmanager
def kept_line(role: Role) -> Iterator[Any]:
    """A raw connection as a role for all blocks of one test: to sign in costs more than most questions."""
    raw = _KEPT.get(role.name)
    if raw is None or raw.closed:
        raw = _KEPT[role.name] = psycopg2.connect(as_role(administrator(), role, passwords()[role.name]))
        raw.autocommit = True
    yield raw


def close_kept_lines() -> None:
    """At the end of a test."""
    while _KEPT:
        _KEPT.popitem()[1].close()


def enter(cursor: Any, user: int = 0, door: str = "", patient: int = 0) -> None:
    """Say on a raw connection of the pages for whom it works, signed as the product does."""
    cursor.execute(signing.HERE)
    (here,) = cursor.fetchone()
    cursor.execute(f"SELECT {signing.enter(settings.WALL_SECRET, here, user, door, patient)}")

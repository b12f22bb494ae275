"""For migrations: corrects old rows that break a constraint, and reports the rows that it cannot correct.

It validates a constraint that was added for new rows only (NOT VALID). An update never fails because of an old
row: rows that cannot be corrected are reported by id, and the constraint still holds for every new row. Only
migrations name the tables, columns and constraints; no text from a user gets into the SQL.
"""

import logging
import sys
from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, IntegrityError, transaction

MOST_NAMED = 50
# The years of care, as the database's constraints have them.
FIRST, LAST = "2000-01-01", "2100-12-31"
log_lines = logging.getLogger(__name__)


def prove(schema_editor: Any, table: str, rule: str, *, moments: Sequence[str] = ()) -> list[int]:
    """Correct rows that break a constraint and validate it; returns ids of rows that still break it (at most 50).

    moments: columns whose times are moved to the nearest one in the years of care.
    """
    with schema_editor.connection.cursor() as cursor:
        # Reading a large table may take longer than a page is allowed to.
        cursor.execute("SET LOCAL statement_timeout = 0")
        words = _words(cursor, table, rule)
        if words is None:
            return []
        if moments and (wrong := _breaking(cursor, table, words)):
            _move(cursor, table, words, moments)
            _say(
                f"{table}: moments outside the years {FIRST[:4]} to {LAST[:4]} were moved into them: rows {wrong}"
            )
        # Checks the changes above now: with pending checks the table could not be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        try:
            with transaction.atomic(schema_editor.connection.alias):
                cursor.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {rule}")
        except IntegrityError:
            left = _breaking(cursor, table, words)
            _say(
                f"{table}: {rule} holds for new rows alone; these old ones break it, and stay as they are: {left}"
            )
            return left
    return []


def _words(cursor: Any, table: str, rule: str) -> str | None:
    """Return the constraint as the database writes it; None when there is none, or it is already valid."""
    cursor.execute(
        "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND conname = %s AND NOT convalidated",
        [table, rule],
    )
    row = cursor.fetchone()
    return str(row[0]) if row else None


def _breaking(cursor: Any, table: str, words: str) -> list[int]:
    cursor.execute(f"SELECT id FROM {table} WHERE NOT ({words}) ORDER BY id LIMIT {MOST_NAMED}")  # noqa: S608
    return [row[0] for row in cursor.fetchall()]


def _move(cursor: Any, table: str, words: str, moments: Sequence[str]) -> None:
    """Move the times of all these rows, or of none if another constraint refuses it."""
    near = ", ".join(
        f"{name} = CASE WHEN {name} IS NULL THEN NULL ELSE LEAST(GREATEST({name}, '{FIRST}'), '{LAST}') END"
        for name in moments
    )
    try:
        with transaction.atomic():
            cursor.execute(f"UPDATE {table} SET {near} WHERE NOT ({words})")  # noqa: S608
    except DatabaseError as error:
        log_lines.warning("%s: rows could not be moved: %s", table, type(error).__name__)


def _say(line: str) -> None:
    """Print a line for the operator who runs the update, and log it; it holds only ids."""
    sys.stdout.write(f"  {line}\n")
    log_lines.warning(line)

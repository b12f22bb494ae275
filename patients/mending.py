"""For migrations: bring old rows into a rule of the database, and say what could not be.

A rule that was added for new rows alone (NOT VALID) is proved here for all. An update never fails over one old
row: what can be mended is, what can not is named by its id, and the rule goes on to hold for every new row.
Tables, columns and rules are named by migrations, never by what anybody typed.
"""

import logging
import sys
from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, IntegrityError, transaction

MOST_NAMED = 50
# What the bounds of care are to the database.
FIRST, LAST = "2000-01-01", "2100-12-31"
log_lines = logging.getLogger(__name__)


def prove(schema_editor: Any, table: str, rule: str, *, moments: Sequence[str] = ()) -> list[int]:
    """Mend what breaks this rule and validate it; the ids of rows that break it still (some, when they are many).

    moments: columns that are moved to the nearest moment in years of care.
    """
    with schema_editor.connection.cursor() as cursor:
        # a large table takes longer to read than a page may
        cursor.execute("SET LOCAL statement_timeout = 0")
        words = _words(cursor, table, rule)
        if words is None:
            return []
        if moments and (wrong := _breaking(cursor, table, words)):
            _move(cursor, table, words, moments)
            _say(
                f"{table}: moments outside the years {FIRST[:4]} to {LAST[:4]} were moved into them: rows {wrong}"
            )
        # what was changed above is checked now, or the table could not be altered
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
    """The rule as the database keeps it; None when there is none, or it is proved already."""
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
    """All of them, or none when another rule does not let them: the validation says what is left."""
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
    """For whoever runs the update: ids alone."""
    sys.stdout.write(f"  {line}\n")
    log_lines.warning(line)

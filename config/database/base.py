"""The product's database engine: PostgreSQL, where each transaction first says on whose behalf it works.

That scope holds for one transaction only, so the next one on the same connection cannot inherit it, not even
through a connection pool. In autocommit each statement is a transaction of its own, except that a request's
consecutive reads share one (reads_together).
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg2
import psycopg2.extensions
from django.db.backends.postgresql import base
from psycopg2.extensions import TRANSACTION_STATUS_INERROR, TRANSACTION_STATUS_INTRANS

from config.database.said import NOTHING, Said, ToBeSaid
from patients.wall.signing import HERE

# Statements sent without a scope: some are the only ones a failed transaction takes, others must come first.
# They read no row.
UNSAID = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SET TRANSACTION")
READS = ("SELECT ", "(SELECT ")


class Cursor(psycopg2.extensions.cursor):
    """A cursor that puts the scope before a statement when the transaction does not have it yet."""

    wrapper: "DatabaseWrapper | None" = None
    prefix = ""

    def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002 - psycopg2's own name
        """Run one statement as psycopg2 does, with the scope before it."""
        self.prefix = ""
        if self.wrapper is None or not isinstance(query, str) or query.startswith(UNSAID):
            super().execute(query, vars)
            return
        try:
            self.prefix = self.wrapper.to_say(query)
            super().execute(self.prefix + query, vars)
        except BaseException:
            with suppress(psycopg2.Error):
                self.wrapper.went_wrong()
            raise
        self.wrapper.was_said(self.prefix)

    def executemany(self, query: Any, vars_list: Any) -> None:
        """Run the statement for each row of values, each with its scope, because each may be a transaction."""
        for some in vars_list:
            self.execute(query, some)

    @property
    def query(self) -> bytes | None:
        """The last statement without the scope that was put before it."""
        sent: bytes | None = super().query
        return sent.removeprefix(self.prefix.encode()) if sent else sent


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL wrapper, which adds the current scope (patients.wall.scope)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The scope that the transaction has; None: unknown, as after a rollback to a savepoint.
        self._said: Said | None = NOTHING
        # The name of the transaction (patients.wall.signing), once the database was asked for it.
        self._here = ""
        # In autocommit: whether we began the current transaction, and whether it ends with this statement.
        self._ours = self._ends = False
        self._together = False
        self._wanted = ToBeSaid(self.settings_dict)

    @contextmanager
    def reads_together(self) -> Iterator[None]:
        """Let all reads of this block outside a transaction share one, so that the scope is sent only once.

        Reads lock no row, and each statement sees what is committed by then. A write is the last statement of the
        shared transaction and is committed at once, as always. The shared transaction also ends when the code
        begins its own, and at the end of the block.
        """
        self._together = True
        try:
            yield
        finally:
            self._together = False
            self._end_at_last()

    def connect(self) -> None:
        """Connect as Django does; a new connection has no scope."""
        self._forget()
        super().connect()

    def _forget(self) -> None:
        self._said, self._here, self._ours = NOTHING, "", False

    def to_say(self, query: str) -> str:
        """Return what to put before the next statement; empty when the transaction has its scope."""
        for_whom = self._wanted.now()
        if self.get_autocommit():
            self._in_one_of_ours(for_whom)
            self._ends = self._ours and not (self._together and query.startswith(READS))
        if for_whom == self._said:
            return ""
        self._here = self._here or self._raw(HERE)
        return for_whom.words(self._here, self._wanted.role)

    def _in_one_of_ours(self, for_whom: Said) -> None:
        """In autocommit: begin a transaction of ours when there is a scope to set, end it when there is none."""
        if for_whom is NOTHING:
            self._end_ours()
        elif not self._ours:
            self._here = self._raw(f"BEGIN; {HERE}")
            self._ours = True

    def _raw(self, words: str) -> str:
        """Run a statement without our own cursor; returns the answer's first value, or empty text."""
        with self.connection.cursor(cursor_factory=psycopg2.extensions.cursor) as cursor:
            cursor.execute(words)
            self._note(words)
            return str(cursor.fetchone()[0]) if cursor.description else ""

    def _note(self, words: str) -> None:
        if self.queries_logged:
            self.queries_log.append({"sql": words, "time": "0.000"})

    def was_said(self, words: str) -> None:
        """Note that the scope was set: it holds until the transaction ends."""
        if words:
            self._note(words)
            self._said = self._wanted.now()
        if self._ours and self._ends:
            self._end_ours()

    def went_wrong(self) -> None:
        """Roll back after a failed statement in autocommit; in a transaction of its own the caller does that."""
        if not self.get_autocommit():
            return
        self._forget()
        status = self.connection.info.transaction_status
        if status in (TRANSACTION_STATUS_INTRANS, TRANSACTION_STATUS_INERROR):
            self._raw("ROLLBACK")

    def _end_ours(self) -> None:
        if self._ours:
            self._forget()
            self._raw("COMMIT")

    def _end_at_last(self) -> None:
        """End the shared transaction; an error only marks the connection to be checked before its next use."""
        try:
            self._end_ours()
        except psycopg2.Error:
            self.errors_occurred = True

    def get_connection_params(self) -> dict[str, Any]:
        """Return Django's parameters with our cursor."""
        return {**super().get_connection_params(), "cursor_factory": Cursor}

    def create_cursor(self, name: str | None = None) -> Any:
        """Return a cursor; a named one cannot set the scope itself (see chunked_cursor)."""
        cursor = super().create_cursor(name)
        if name is None:
            cursor.wrapper = self
        return cursor

    def chunked_cursor(self) -> Any:
        """Return a server-side cursor inside a transaction; in autocommit an ordinary one, which fetches all."""
        if self.get_autocommit():
            return self.cursor()
        self._tell()
        return super().chunked_cursor()

    def _tell(self) -> None:
        if self._wanted.now() != self._said:
            with self.cursor() as cursor:
                cursor.execute("SELECT 1")

    def _set_autocommit(self, autocommit: bool) -> None:
        with self.wrap_database_errors:
            self._end_ours()
        super()._set_autocommit(autocommit)  # type: ignore[misc]
        self._forget()

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]
        finally:
            self._forget()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._forget()

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self._said = None

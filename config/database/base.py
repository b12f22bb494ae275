"""The database engine of the product: PostgreSQL, where each transaction says first on whose behalf it works.

It says so for that transaction alone: nothing is left to the next one on the same connection, whoever lends it
out. In autocommit each statement is a transaction, and what a request reads on end is one (reads_together).
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

# They may come when a transaction can run nothing else, or must come first; and they see no row.
UNSAID = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SET TRANSACTION")
READS = ("SELECT ", "(SELECT ")


class Cursor(psycopg2.extensions.cursor):
    """A cursor that puts before a statement what the transaction must know."""

    wrapper: "DatabaseWrapper | None" = None
    prefix = ""

    def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002 - psycopg2's own name
        """As psycopg2's."""
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
        """As psycopg2's; each of them is told, for each may be a transaction."""
        for some in vars_list:
            self.execute(query, some)

    @property
    def query(self) -> bytes | None:
        """The last statement, as it was asked for."""
        sent: bytes | None = super().query
        return sent.removeprefix(self.prefix.encode()) if sent else sent


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with the scope of what runs now (patients.wall.scope)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What the transaction knows; None: unknown, as after a savepoint was undone.
        self._said: Said | None = NOTHING
        # Its name (patients.wall.signing), once it was asked.
        self._here = ""
        # In autocommit: are we in a transaction that we began, and does it end with this statement?
        self._ours = self._ends = False
        self._together = False
        self._wanted = ToBeSaid(self.settings_dict)

    @contextmanager
    def reads_together(self) -> Iterator[None]:
        """What is read in this block without a transaction shares one, which is asked once for whom it works.

        Reading holds no row, and each statement sees what is committed by then. A write is its last statement,
        and is committed at once, as ever. It ends too before a transaction that somebody begins, and with the
        block.
        """
        self._together = True
        try:
            yield
        finally:
            self._together = False
            self._end_at_last()

    def connect(self) -> None:
        """Django's; a new connection knows nothing."""
        self._forget()
        super().connect()

    def _forget(self) -> None:
        self._said, self._here, self._ours = NOTHING, "", False

    def to_say(self, query: str) -> str:
        """What must be said with the next statement; empty when the transaction knows it."""
        for_whom = self._wanted.now()
        if self.get_autocommit():
            self._in_one_of_ours(for_whom)
            self._ends = self._ours and not (self._together and query.startswith(READS))
        if for_whom == self._said:
            return ""
        self._here = self._here or self._raw(HERE)
        return for_whom.words(self._here, self._wanted.role)

    def _in_one_of_ours(self, for_whom: Said) -> None:
        """In autocommit: a transaction in which something can be said, when something must be."""
        if for_whom is NOTHING:
            self._end_ours()
        elif not self._ours:
            self._here = self._raw(f"BEGIN; {HERE}")
            self._ours = True

    def _raw(self, words: str) -> str:
        """Past our own cursor: what the database answers, if it does."""
        with self.connection.cursor(cursor_factory=psycopg2.extensions.cursor) as cursor:
            cursor.execute(words)
            self._note(words)
            return str(cursor.fetchone()[0]) if cursor.description else ""

    def _note(self, words: str) -> None:
        if self.queries_logged:
            self.queries_log.append({"sql": words, "time": "0.000"})

    def was_said(self, words: str) -> None:
        """The statement went through: until the transaction ends it need not be said again."""
        if words:
            self._note(words)
            self._said = self._wanted.now()
        if self._ours and self._ends:
            self._end_ours()

    def went_wrong(self) -> None:
        """A statement failed: in autocommit nothing is left of its transaction. Else it is its owner's to undo."""
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
        """The answer is made, and nothing hangs on this: a connection that broke is looked at when next used."""
        try:
            self._end_ours()
        except psycopg2.Error:
            self.errors_occurred = True

    def get_connection_params(self) -> dict[str, Any]:
        """Django's, with our cursor."""
        return {**super().get_connection_params(), "cursor_factory": Cursor}

    def create_cursor(self, name: str | None = None) -> Any:
        """A named one cannot be told anything: see chunked_cursor."""
        cursor = super().create_cursor(name)
        if name is None:
            cursor.wrapper = self
        return cursor

    def chunked_cursor(self) -> Any:
        """On the server inside a transaction, which knows; else all at once, for nothing may outlive one."""
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

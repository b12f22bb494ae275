"""The database engine of the product: PostgreSQL, where each transaction says first on whose behalf it works.

In one message with the transaction's first statement, and for that transaction alone: nothing is left to the next
one on the same connection, whoever lends it out. In autocommit each statement is a transaction.
"""

from dataclasses import dataclass
from typing import Any

import psycopg2
import psycopg2.extensions
from django.conf import settings
from django.db.backends.postgresql import base

from patients.wall import scope
from patients.wall.signing import COUNTED_BITS, enter

# They may come when a transaction can run nothing else, or must come first; and they see no row.
UNSAID = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SET TRANSACTION")
TURNS = 1 << COUNTED_BITS


@dataclass(frozen=True)
class Said:
    """What a transaction was told. role: only where one connection plays several (the tests)."""

    user: int = 0
    door: str = ""
    patient: int = 0
    role: str = "none"

    def words(self, turn: int, roles: bool) -> str:
        """As a statement; turn: the number of this signature (patients.wall.signing)."""
        role = f"set_config('role', '{self.role}', true), " if roles else ""
        return f"SELECT {role}{enter(settings.WALL_SECRET, turn, self.user, self.door, self.patient)}; "


NOTHING = Said()


class Cursor(psycopg2.extensions.cursor):
    """A cursor that puts before a statement what the transaction must know."""

    wrapper: "DatabaseWrapper | None" = None
    prefix = ""

    def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002 - psycopg2's own name
        """As psycopg2's."""
        with_prefix = self._prefixed(query)
        try:
            super().execute(with_prefix, vars)
        except psycopg2.Error:
            self._was_not_said()
            raise
        self._was_said()

    def executemany(self, query: Any, vars_list: Any) -> None:
        """As psycopg2's; each of them is told, for each may be a transaction."""
        for some in vars_list:
            self.execute(query, some)

    @property
    def query(self) -> bytes | None:
        """The last statement, as it was asked for."""
        sent: bytes | None = super().query
        return sent.removeprefix(self.prefix.encode()) if sent else sent

    def _prefixed(self, query: Any) -> Any:
        self.prefix = ""
        if self.wrapper is None or not isinstance(query, str) or query.startswith(UNSAID):
            return query
        self.prefix = self.wrapper.to_say()
        return self.prefix + query

    def _was_said(self) -> None:
        if self.prefix and self.wrapper:
            self.wrapper.was_said(self.prefix)

    def _was_not_said(self) -> None:
        if self.prefix and self.wrapper:
            self.wrapper.turn = None


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with the scope of what runs now (patients.wall.scope)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # None: unknown, as after a savepoint was undone.
        self._said: Said | None = NOTHING
        # The last signature of this connection; None: it has not said hello, or something went wrong.
        self.turn: int | None = None

    def connect(self) -> None:
        """Django's; a new connection has a number of its own."""
        self.turn = None
        super().connect()

    @property
    def _role(self) -> str:
        """The role of requests where we are signed in as somebody else; empty: we are that role."""
        return str(self.settings_dict.get("REQUESTS_AS", ""))

    def to_say(self) -> str:
        """What must be said before the next statement; empty when the transaction knows it."""
        wanted = self._wanted()
        known = NOTHING if self.get_autocommit() else self._said
        if wanted == known:
            return ""
        last = self._hello() if self.turn is None or self.turn % TURNS == TURNS - 1 else self.turn
        self.turn = last + 1
        return wanted.words(self.turn, bool(self._role))

    def _hello(self) -> int:
        """The number below the first signature that the database takes on this connection. Asked once.

        Also of a database that takes no writes just now: it changes nothing that anybody keeps.
        """
        ours = "SET LOCAL transaction_read_only = off; " if self.get_autocommit() else ""
        with self.connection.cursor() as cursor:
            cursor.execute(f"{ours}SELECT public.kypho_hello()")
            return int(cursor.fetchone()[0])

    def was_said(self, words: str) -> None:
        """The statement went through: until the transaction ends it need not be said again."""
        if self.queries_logged:
            self.queries_log.append({"sql": words, "time": "0.000"})
        if not self.get_autocommit():
            self._said = self._wanted()

    def _wanted(self) -> Said:
        found = scope.current()
        if found is None:
            return NOTHING
        return Said(found.user, found.door, found.patient, self._role or "none")

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
        """On the server inside a transaction that knows; else, where something must be said, all at once."""
        if not self.to_say():
            return super().chunked_cursor()
        if self.get_autocommit():
            return self.cursor()
        with self.cursor() as cursor:
            cursor.execute("SELECT 1")
        return super().chunked_cursor()

    def _set_autocommit(self, autocommit: bool) -> None:
        # Before a transaction that may be one that only reads.
        if not autocommit and self.turn is None and scope.current() is not None:
            with self.wrap_database_errors:
                self.turn = self._hello()
        super()._set_autocommit(autocommit)  # type: ignore[misc]
        self._said = NOTHING

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]
        finally:
            self._said = NOTHING

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._said = NOTHING

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self._said = None

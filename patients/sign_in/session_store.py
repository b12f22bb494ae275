"""The session engine: keys are hashed and contents locked, so that a stolen database opens no session.

Used as settings.SESSION_ENGINE. Only the browser's cookie holds the key.
"""

import hashlib
import logging
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from patients.models import Session
from patients.vault.keys import NoKeys, Unopened

NAME_OF = b"kypho session 1"
NAME_LETTERS = 40

log = logging.getLogger("kypho.sessions")


def name_of(key: str) -> str:
    """Return the row's name for a key: 160 bits of its SHA-256 in hex (the key has 165 random bits)."""
    return hashlib.sha256(NAME_OF + key.encode()).hexdigest()[:NAME_LETTERS]


class SessionStore(SessionBase):
    """One browser's session. A session that can no longer be opened counts as ended."""

    def load(self) -> dict[str, Any]:
        """Return the session's data; an empty dict when it has ended."""
        row = Session.objects.filter(name=name_of(self.session_key or ""), expires_at__gt=timezone.now()).first()
        kept = opened(row) if row else None
        if kept is None:
            self._session_key = None
        return kept or {}

    def exists(self, session_key: str) -> bool:
        """Return whether a session with this key exists."""
        return Session.objects.filter(name=name_of(session_key)).exists()

    def create(self) -> None:
        """Make a new key and its row."""
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        """Save the session; raises UpdateError when it was ended meanwhile, CreateError when the key exists."""
        if self.session_key is None:
            return self.create()
        kept = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        row = Session(
            name=name_of(self.session_key),
            data=self.serializer().dumps(kept).decode("latin-1"),
            expires_at=self.get_expiry_date(),
            user_id=kept.get(SESSION_KEY),
        )
        try:
            with transaction.atomic():
                row.save(force_insert=must_create, force_update=not must_create)
        except IntegrityError as error:
            if must_create:
                raise CreateError from error
            raise
        except DatabaseError as error:
            if must_create:
                raise
            raise UpdateError from error

    def delete(self, session_key: str | None = None) -> None:
        """End the session."""
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(name=name_of(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        """Delete sessions that have ended."""
        Session.objects.filter(expires_at__lt=timezone.now()).delete()


def opened(row: Session) -> dict[str, Any] | None:
    """Return the data of a row; None, with a log line, when it was changed or its key is missing."""
    try:
        kept: dict[str, Any] = SessionBase().serializer().loads(row.data.encode("latin-1"))
    except (Unopened, NoKeys, ValueError) as error:
        log.warning("a session ended: %s", error if isinstance(error, Unopened | NoKeys) else "not readable")
        return None
    return kept

"""Limits how many passwords are checked at once, so that slow checks do not delay people who are signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.hashers import PBKDF2PasswordHasher

# Per process. Each check takes one core for half a second, and a waiting check occupies a thread.
AT_ONCE, WAITING = 1, 1
WAIT_SECONDS = 2.0
_at_work, _inside = BoundedSemaphore(AT_ONCE), BoundedSemaphore(AT_ONCE + WAITING)


class Busy(Exception):
    """Too many passwords are being checked: try again in a moment."""


class OneAtATimeHasher(PBKDF2PasswordHasher):
    """Django's hasher, one at a time in each process; raises Busy when another one already waits."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """Hash as Django does. Every check and every new password calls this."""
        with _turn():
            return super().encode(password, salt, iterations)


@contextmanager
def _turn() -> Iterator[None]:
    if not _inside.acquire(blocking=False):
        raise Busy
    try:
        if not _at_work.acquire(timeout=WAIT_SECONDS):
            raise Busy
        try:
            yield
        finally:
            _at_work.release()
    finally:
        _inside.release()

"""Secrets of second factors, each bound to its person: copied into somebody else's row it opens nothing.

The sign-in library hands over one text to lock or to open, and does not say whose: whoever calls it says so
before. What was locked before that was bound to the table alone; it opens until `rotate_keys` has bound it, which
every start does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from allauth.mfa.totp.internal.auth import TOTP

from patients.models import User
from patients.vault.keys import lock, unlock

TABLE = "mfa_authenticator.data"
BOUND = "bound:"

_whose: ContextVar[int | None] = ContextVar("whose second factor", default=None)


@contextmanager
def factors_of(user_id: int) -> Iterator[None]:
    """What is locked or opened in here is this person's."""
    token = _whose.set(user_id)
    try:
        yield
    finally:
        _whose.reset(token)


def named() -> int | None:
    """Whose it is, where somebody said so."""
    return _whose.get()


def lock_of(user_id: int, plain: str) -> str:
    """With the newest key, for this person."""
    return BOUND + lock(plain, _place(user_id))


def open_of(user_id: int, stored: str) -> str:
    """Raises Unopened, also for what was locked for somebody else."""
    if is_bound(stored):
        return unlock(stored.removeprefix(BOUND), _place(user_id))
    return unlock(stored, TABLE)


def is_bound(stored: str) -> bool:
    """Or is it from before secrets were bound to their person?"""
    return stored.startswith(BOUND)


def activate_app(user: User, secret: str) -> TOTP:
    """An authenticator app for somebody, where no page of theirs asks for it."""
    with factors_of(user.pk):
        return TOTP.activate(user, secret)


def _place(user_id: int) -> str:
    return f"{TABLE}:{user_id}"

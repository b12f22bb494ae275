"""Locks secrets of second factors, each bound to its owner: copied into another person's row it does not open.

The sign-in library passes only a text to lock or open and not its owner, so the calling code names the owner first
(factors_of). Older secrets are bound only to the table; they open until `rotate_keys` binds them, which runs at
every start.
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
    """Name the owner of what is locked or opened in the block."""
    token = _whose.set(user_id)
    try:
        yield
    finally:
        _whose.reset(token)


def named() -> int | None:
    """Return the user id that factors_of named, or None."""
    return _whose.get()


def lock_of(user_id: int, plain: str) -> str:
    """Lock a text for this user with the newest key."""
    return BOUND + lock(plain, _place(user_id))


def open_of(user_id: int, stored: str) -> str:
    """Open a text locked for this user; raises Unopened, also if it was locked for another one."""
    if is_bound(stored):
        return unlock(stored.removeprefix(BOUND), _place(user_id))
    return unlock(stored, TABLE)


def is_bound(stored: str) -> bool:
    """Return whether the secret is bound to its owner; older ones are not."""
    return stored.startswith(BOUND)


def activate_app(user: User, secret: str) -> TOTP:
    """Activate an authenticator app for a user outside a request of their own."""
    with factors_of(user.pk):
        return TOTP.activate(user, secret)


def _place(user_id: int) -> str:
    return f"{TABLE}:{user_id}"

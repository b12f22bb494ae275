"""The scope: on whose behalf the database works now. Every transaction of a request begins by setting it.

The policies (patients.wall.policies) look up themselves what that person may reach, so a mistake here cannot widen
it. Without a scope, and before a person is known, the role of the pages sees no clinic's rows.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject, empty

# Addresses that work before a person is known, with their doors (patients.wall.policies).
DOORS_BY_PATH = {
    "/accounts/": "sign-in",
    "/sign-in/": "sign-in",
    "/hello/": "card",
    "/hooks/sms/": "sms",
    "/hooks/voice/": "sms",
    "/api/sealed-logs/": "sealed",
    "/calendar/": "calendar",
    "/metrics": "metrics",
}


@dataclass(frozen=True)
class Scope:
    """On whose behalf a transaction works.

    user: the id of the signed-in user, 0 for none. door: the name of a door (patients.wall.policies), or empty.
    patient: the id of the patient whom a phone's envelope is about, whether or not a user is signed in.
    """

    user: int = 0
    door: str = ""
    patient: int = 0


# A scope is computed when needed, because a request's person may sign in or out in the middle of it.
Source = Callable[[], Scope]
_current: ContextVar[Source | None] = ContextVar("scope", default=None)


def current() -> Scope | None:
    """Return the scope of the running code; None when none was set (in a worker, a command, a test)."""
    source = _current.get()
    return source() if source else None


@contextmanager
def entered(scope: Scope | Source) -> Iterator[None]:
    """Run the block with this scope."""
    kept = _current.set(scope if callable(scope) else lambda: scope)
    try:
        yield
    finally:
        _current.reset(kept)


@contextmanager
def also(*, user: int | None = None, patient: int | None = None) -> Iterator[None]:
    """Run the block with the same door for the person or patient it found; without a scope nothing changes."""
    here = current()
    if here is None:
        yield
        return
    with entered(replace(here, user=user or here.user, patient=patient or here.patient)):
        yield


def of_request(request: HttpRequest) -> Source:
    """Return a source of the request's scope: its person once that is loaded, and before that its door.

    It is called before every statement, so it makes one Scope for each person and reuses it.
    """
    door = door_of(request.path)
    last: tuple[Any, Scope] = (None, Scope(door=door))

    def source() -> Scope:
        nonlocal last
        person = _person(request)
        if person is not last[0]:
            last = person, _of(getattr(person, "pk", None) or 0, door)
        return last[1]

    return source


def door_of(path: str) -> str:
    """Return the door of an address; empty for addresses that work on behalf of a person."""
    return next((door for start, door in DOORS_BY_PATH.items() if path.startswith(start)), "")


def _of(user: int, door: str) -> Scope:
    """Return the scope; a signed-in user does not need the door of sign-in, only doors with another proof."""
    return Scope(user, "" if user and door == "sign-in" else door)


def _person(request: Any) -> Any:
    """Return the request's user if it is loaded already, else None: loading it would be a statement of its own."""
    user = getattr(request, "user", None)
    if not isinstance(user, SimpleLazyObject):
        return user
    return None if user._wrapped is empty else user._wrapped

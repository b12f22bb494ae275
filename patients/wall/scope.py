"""On whose behalf the database works just now: every transaction of a request begins by saying it.

The policies (patients.wall.policies) work out for themselves what that person may reach, so nothing here can widen
it by mistake. Without a scope, and before somebody is known, the role of the pages sees no clinic's row at all.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject, empty

# What is asked there is nobody's errand: the policies say what for.
DOORS_BY_PATH = {
    "/accounts/": "sign-in",
    "/sign-in/": "sign-in",
    "/hello/": "card",
    "/hooks/sms/": "sms",
    "/api/sealed-logs/": "sealed",
    "/metrics": "metrics",
}


@dataclass(frozen=True)
class Scope:
    """user: who is signed in, by id; 0: nobody. door: the name of a way in that is nobody's (policies).

    patient: by id, whoever is signed in: the one whom a phone's envelope is about.
    """

    user: int = 0
    door: str = ""
    patient: int = 0


# Where a scope comes from: a request's person may become known, or sign out, in the middle of it.
Source = Callable[[], Scope]
_current: ContextVar[Source | None] = ContextVar("scope", default=None)


def current() -> Scope | None:
    """The scope of what runs now; None: nobody said one (a worker, a command, a test)."""
    source = _current.get()
    return source() if source else None


@contextmanager
def entered(scope: Scope | Source) -> Iterator[None]:
    """Everything in the block works on behalf of this scope."""
    kept = _current.set(scope if callable(scope) else lambda: scope)
    try:
        yield
    finally:
        _current.reset(kept)


@contextmanager
def also(*, user: int | None = None, patient: int | None = None) -> Iterator[None]:
    """The same door, but for this person or patient, whom it found. Where no scope was said there is none."""
    here = current()
    if here is None:
        yield
        return
    with entered(replace(here, user=user or here.user, patient=patient or here.patient)):
        yield


def of_request(request: HttpRequest) -> Source:
    """The person of a request, as soon as something asked who it is; before that, the door it came in by.

    Asked before every statement: the same person is the same Scope, made once.
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
    """The way in that this address is; empty: none, what is asked there is somebody's errand."""
    return next((door for start, door in DOORS_BY_PATH.items() if path.startswith(start)), "")


def _of(user: int, door: str) -> Scope:
    """Who has signed in needs no door, but the one that opens with something else than a session."""
    return Scope(user, "" if user and door == "sign-in" else door)


def _person(request: Any) -> Any:
    """Whoever was found; None as long as nobody asked: to ask is a statement of its own."""
    user = getattr(request, "user", None)
    if not isinstance(user, SimpleLazyObject):
        return user
    return None if user._wrapped is empty else user._wrapped

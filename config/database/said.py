"""What a transaction is told: for whom it works, in words that only we can sign."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from patients.wall import scope
from patients.wall.scope import Scope
from patients.wall.signing import enter

NOBODY = Scope()


@dataclass(frozen=True)
class Said:
    """What a transaction was told. role: only where one connection plays several (the tests)."""

    scope: Scope = NOBODY
    role: str = "none"

    def words(self, here: str, requests_as: str) -> str:
        """As a statement; here: the name of the transaction (patients.wall.signing)."""
        role = f"set_config('role', '{self.role}', true), " if requests_as else ""
        for_whom = self.scope
        call = enter(settings.WALL_SECRET, here, for_whom.user, for_whom.door, for_whom.patient)
        return f"SELECT {role}{call}; "


NOTHING = Said()


class ToBeSaid:
    """What a transaction should know now, on a connection with these settings."""

    def __init__(self, settings_dict: Mapping[str, Any]) -> None:
        self._settings = settings_dict
        self._last: tuple[Scope | None, Said] = (None, NOTHING)

    @property
    def role(self) -> str:
        """The role of requests where we are signed in as somebody else; empty: we are that role."""
        return str(self._settings.get("REQUESTS_AS", ""))

    def now(self) -> Said:
        """Asked before every statement: the same scope is the same answer, made once."""
        found = scope.current()
        if found is not self._last[0]:
            said = NOTHING if found is None else Said(found, self.role or "none")
            self._last = found, NOTHING if said == NOTHING else said
        return self._last[1]

"""The statement that sets the scope of a transaction, signed with a key that only our processes have."""

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
    """A scope as a transaction gets it. role: only where one connection uses several roles (in tests)."""

    scope: Scope = NOBODY
    role: str = "none"

    def words(self, here: str, requests_as: str) -> str:
        """Return the SQL statement that sets it; here: the name of the transaction (patients.wall.signing)."""
        role = f"set_config('role', '{self.role}', true), " if requests_as else ""
        for_whom = self.scope
        call = enter(settings.WALL_SECRET, here, for_whom.user, for_whom.door, for_whom.patient)
        return f"SELECT {role}{call}; "


NOTHING = Said()


class ToBeSaid:
    """Tells which scope a transaction should have now, on a connection with these settings."""

    def __init__(self, settings_dict: Mapping[str, Any]) -> None:
        self._settings = settings_dict
        self._last: tuple[Scope | None, Said] = (None, NOTHING)

    @property
    def role(self) -> str:
        """The role for requests when the connection signed in with another one; empty: it has that role."""
        return str(self._settings.get("REQUESTS_AS", ""))

    def now(self) -> Said:
        """Return what the transaction should have now; cached per scope, since every statement asks."""
        found = scope.current()
        if found is not self._last[0]:
            said = NOTHING if found is None else Said(found, self.role or "none")
            self._last = found, NOTHING if said == NOTHING else said
        return self._last[1]

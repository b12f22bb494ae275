"""The facts of one judgement while it is made: what was given, and what is worked out from it when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recovery.language.python import Condition


class Known(dict[str, Any]):
    """A copy of the facts that also answers for derived facts, each worked out once, when a rule first asks.

    Most logs are calm: they never ask for most of them. Asking for an unknown name is a KeyError.
    """

    __slots__ = ("derived",)

    def __init__(self, facts: Mapping[str, Any], derived: Mapping[str, Condition]) -> None:
        super().__init__(facts)
        self.derived = derived

    def __missing__(self, name: str) -> Any:
        value = self[name] = self.derived[name](self)
        return value

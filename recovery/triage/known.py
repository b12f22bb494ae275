"""The facts during one judgement: the given facts, and derived facts that are computed when a rule uses them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recovery.language.python import Condition


class Known(dict[str, Any]):
    """A copy of the facts that computes each derived fact once, when a rule first uses it.

    Most logs are calm and never need most derived facts. An unknown name is a KeyError.
    """

    __slots__ = ("derived",)

    def __init__(self, facts: Mapping[str, Any], derived: Mapping[str, Condition]) -> None:
        super().__init__(facts)
        self.derived = derived

    def __missing__(self, name: str) -> Any:
        value = self[name] = self.derived[name](self)
        return value

"""Find which rules use which of a clinic's settings, from the conditions themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from recovery.language.expression import Name
from recovery.language.javascript import parts
from recovery.triage.config import settings
from recovery.triage.numbers import SPANS
from recovery.triage.rulebook import load_rulebook
from recovery.triage.shapes import When

# Names in conditions that mean a setting of another name.
_KEYS = {name: key for key, names in SPANS.items() for name in names} | {"silence_limit_hours": "missed_log_h"}


@cache
def rules_using() -> Mapping[str, tuple[str, ...]]:
    """Return the ids of the rules and notices that use each setting, also through a derived fact."""
    book = load_rulebook()
    derived: dict[str, frozenset[str]] = {}
    for fact in book.derived:
        derived[fact.name] = _names([fact.when], derived)
    rules: list[tuple[str, list[When]]] = [
        (rule.id, [rule.when, *(variant.when for variant in rule.variants)])
        for rule in (*book.urgent, *book.watch)
    ]
    rules += [(rule.id, [rule.when, *(level.when for level in rule.levels)]) for rule in book.latch]
    rules += [(notice.id, [notice.when]) for notice in book.notices]
    found: dict[str, tuple[str, ...]] = {}
    for identifier, conditions in rules:
        for name in _names(conditions, derived):
            key = _KEYS.get(name, name)
            if key in settings() and identifier not in found.get(key, ()):
                found[key] = (*found.get(key, ()), identifier)
    return found


def _names(conditions: Iterable[When], derived: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return every name the conditions use; a derived fact is replaced by the names in it."""
    names = {node.name for when in conditions for node in parts(when.tree) if isinstance(node, Name)}
    return frozenset().union(*(derived.get(name, {name}) for name in names))

"""Named conditions: read from data, checked and compiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from recovery.language.expression import Call, ExpressionError, Node, parse
from recovery.language.javascript import parts
from recovery.language.kinds import Kind, require_bool
from recovery.language.python import LOOKUPS, Condition, compile_node

KEYS = frozenset({"name", "plain", "when"})


@dataclass(frozen=True, slots=True)
class Named:
    """One condition: `plain` is the wording for clinicians, `when` the compiled form."""

    name: str
    plain: str
    when: str
    holds: Condition = field(compare=False)


def read_named(rows: object, facts: Mapping[str, Kind]) -> dict[str, Named]:
    """Return the conditions by name; ExpressionError says which one is wrong and why."""
    if not isinstance(rows, list) or not rows:
        raise ExpressionError("there are no tests")
    found: dict[str, Named] = {}
    for row in rows:
        made = _named(row, facts)
        if made.name in found:
            raise ExpressionError(f"{made.name}: this name stands twice")
        found[made.name] = made
    return found


def _named(row: Any, facts: Mapping[str, Kind]) -> Named:
    if not isinstance(row, dict) or row.keys() != KEYS or not all(isinstance(part, str) for part in row.values()):
        raise ExpressionError(f"a test has name, plain and when, all three texts: {row!r:.80}")
    try:
        tree = parse(row["when"])
        require_bool(tree, facts)
        _refuse_lookups(tree)
    except ExpressionError as error:
        raise ExpressionError(f"{row['name']}: {error} in: {row['when']}") from error
    return Named(row["name"], row["plain"], row["when"], compile_node(tree))


def _refuse_lookups(tree: Node) -> None:
    """Refuse helpers that look up an open alert: only the facts of a log have alerts."""
    for name in _called(tree):
        if name in LOOKUPS:
            raise ExpressionError(f"{name} is for the rules of a log alone")


def _called(tree: Node) -> Iterator[str]:
    return (node.name for node in parts(tree) if isinstance(node, Call))

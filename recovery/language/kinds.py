"""The type check of conditions: find the kind of value of each part and refuse conditions that make no sense.

A misspelling in a rule would go unnoticed at run time (`em_breath == 'sever'` is simply never true), so every
name, value and comparison is checked when the rule book loads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recovery.language.expression import (
    Binary,
    Call,
    ExpressionError,
    Literal,
    Name,
    Node,
    Not,
    Scalar,
    SetLiteral,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """base: bool, number, date, text, set or null; values: the closed list of an enum or set, if any.

    `written` marks a literal of the condition, whose spelling must be checked.
    """

    base: str
    values: frozenset[str] | None = None
    nullable: bool = False
    written: bool = False


BOOL = Kind("bool")
NUMBER = Kind("number", nullable=True)
DATE = Kind("date", nullable=True)
NULL = Kind("null", nullable=True)
REGIONS = frozenset({"legs", "belly", "buttocks", "treated_area", "other"})
ACK_LEVELS = ("none", "seen", "contacted", "evaluated")
SNAPSHOT_KINDS = {
    "regions": Kind("set", REGIONS, nullable=True),
    "level": Kind("text", nullable=True),
    "temp_c": NUMBER,
    "pain": NUMBER,
    "pain_site": NUMBER,
    "weak_stand": Kind("text", frozenset({"can", "hard", "cannot"}), nullable=True),
}
# helper -> the base of each argument
SIGNATURES: Mapping[str, tuple[str, ...]] = {
    "max": ("number", "number"),
    "choose": ("bool", "number", "number"),
    "empty": ("set",),
    "count": ("set",),
    "any_of": ("set", "set"),
    "count_of": ("set", "set"),
    "new_region": ("set", "set"),
    "rose_by": ("number", "number", "number"),
    "all_recorded": ("text", "set", "set"),
    "snapshot": ("text", "text"),
    "acknowledged": ("text",),
}
_RESULTS = {
    "max": NUMBER,
    "choose": NUMBER,
    "empty": BOOL,
    "count": NUMBER,
    "any_of": BOOL,
    "count_of": NUMBER,
    "new_region": BOOL,
    "rose_by": BOOL,
    "all_recorded": BOOL,
    "acknowledged": Kind("text", frozenset(ACK_LEVELS), nullable=True),
}


def kind_of(node: Node, facts: Mapping[str, Kind]) -> Kind:
    """Return the kind of a condition or of a part of one; ExpressionError when it makes no sense."""
    if isinstance(node, Literal):
        return _literal(node.value)
    if isinstance(node, SetLiteral):
        return _set_literal(node)
    if isinstance(node, Name):
        if node.name not in facts:
            raise ExpressionError(f"there is no fact {node.name!r}")
        return facts[node.name]
    if isinstance(node, Not):
        _need_bool(node.operand, facts, "not")
        return BOOL
    if isinstance(node, Call):
        return _call(node, facts)
    return _binary(node, facts)


def require_bool(node: Node, facts: Mapping[str, Kind]) -> None:
    """Raise ExpressionError unless the condition is a bool that is never null."""
    _need_bool(node, facts, "a condition")


def _literal(value: Scalar) -> Kind:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, str):
        return Kind("text", frozenset({value}), written=True)
    return Kind("number")


def _set_literal(node: SetLiteral) -> Kind:
    texts = [value for value in node.values if value is not None]
    if not all(isinstance(value, str) for value in texts):
        raise ExpressionError("a set in braces holds texts and null only")
    nullable = len(texts) < len(node.values)
    return Kind("set", frozenset(str(value) for value in texts), nullable, written=True)


def _need_bool(node: Node, facts: Mapping[str, Kind], where: str) -> None:
    kind = kind_of(node, facts)
    if kind.base != "bool":
        raise ExpressionError(f"{where} needs yes or no, not a {kind.base}")
    if kind.nullable:
        raise ExpressionError(f"{where} needs yes or no, but this may be null: compare it with == true")


def _binary(node: Binary, facts: Mapping[str, Kind]) -> Kind:
    if node.op in ("and", "or"):
        _need_bool(node.left, facts, node.op)
        _need_bool(node.right, facts, node.op)
        return BOOL
    left, right = kind_of(node.left, facts), kind_of(node.right, facts)
    if node.op in ("in", "not in"):
        _check_membership(left, right)
        return BOOL
    if node.op in ("==", "!="):
        _check_equality(left, right)
        return BOOL
    if node.op in ("<", "<=", ">", ">="):
        _check_order(left, right, node.op)
        return BOOL
    return _arithmetic(node, left, right)


def _arithmetic(node: Binary, left: Kind, right: Kind) -> Kind:
    if left.base != "number" or right.base != "number":
        raise ExpressionError(f"{node.op!r} needs two numbers, not {left.base} and {right.base}")
    if node.op == "/" and not (isinstance(node.right, Literal) and node.right.value):
        raise ExpressionError("only division by a written number other than 0 is allowed")
    return Kind("number", nullable=left.nullable or right.nullable)


def _check_order(left: Kind, right: Kind, op: str) -> None:
    if left.base != right.base or left.base not in ("number", "date"):
        raise ExpressionError(f"{op!r} needs two numbers or two dates, not {left.base} and {right.base}")


def _check_equality(left: Kind, right: Kind) -> None:
    if "set" in (left.base, right.base):
        raise ExpressionError("a set is compared with 'in', any_of or empty, not with == or !=")
    if "null" in (left.base, right.base):
        if not (left.nullable and right.nullable):
            raise ExpressionError("this is never null, so comparing it with null is always the same")
        return
    if left.base != right.base:
        raise ExpressionError(f"{left.base} is never equal to {right.base}")
    _check_shared_values(left, right)


def _check_membership(left: Kind, right: Kind) -> None:
    if right.base != "set":
        raise ExpressionError(f"'in' needs a set on its right, not a {right.base}")
    if left.base != "text":
        raise ExpressionError(f"'in' needs a text on its left, not a {left.base}")
    if right.nullable and not left.nullable:
        raise ExpressionError("null in the braces, but the left side is never null")
    _check_shared_values(left, right)


def _check_shared_values(left: Kind, right: Kind) -> None:
    """Refuse a literal that is not in the other side's closed list; this catches misspelt answers."""
    if left.values is None or right.values is None:
        return
    used, known = (left.values, right.values) if left.written else (right.values, left.values)
    if (left.written or right.written) and (unknown := sorted(used - known)):
        raise ExpressionError(f"{unknown[0]!r} is not one of: {', '.join(sorted(known))}")


def _call(node: Call, facts: Mapping[str, Kind]) -> Kind:
    wanted = SIGNATURES.get(node.name)
    if wanted is None:
        raise ExpressionError(f"there is no helper {node.name!r}")
    if len(node.arguments) != len(wanted):
        raise ExpressionError(f"{node.name} takes {len(wanted)} values, not {len(node.arguments)}")
    kinds = [kind_of(argument, facts) for argument in node.arguments]
    for kind, base in zip(kinds, wanted, strict=True):
        if kind.base not in (base, "null"):
            raise ExpressionError(f"{node.name} needs a {base}, not a {kind.base}")
    if node.name in ("any_of", "count_of", "new_region"):
        _check_shared_values(kinds[0], kinds[1])
    if node.name == "all_recorded":
        _check_recorded(*kinds)
    if node.name in ("snapshot", "acknowledged"):
        _check_shared_values(kinds[0], facts["open_signs"])
    return _snapshot_kind(node) if node.name == "snapshot" else _RESULTS[node.name]


def _check_recorded(prefix: Kind, regions: Kind, recorded: Kind) -> None:
    """Refuse a prefix that does not make a value of the record with each region; this catches misspellings."""
    made = {start + region for start in prefix.values or () for region in regions.values or ()}
    if unknown := sorted(made - (recorded.values or frozenset())):
        raise ExpressionError(f"{unknown[0]!r} is not one of: {', '.join(sorted(recorded.values or ()))}")


def _snapshot_kind(node: Call) -> Kind:
    key = node.arguments[1]
    if not isinstance(key, Literal) or str(key.value) not in SNAPSHOT_KINDS:
        raise ExpressionError(f"snapshot keeps only: {', '.join(SNAPSHOT_KINDS)}")
    return SNAPSHOT_KINDS[str(key.value)]

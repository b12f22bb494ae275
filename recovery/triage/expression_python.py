"""A checked condition becomes one Python function, built from small closures: nothing is ever eval'd."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from recovery.triage.expression import Binary, Call, Literal, Name, Node, Not, SetLiteral

Facts = Mapping[str, Any]
Condition = Callable[[Facts], Any]
_Test = Callable[[Any, Any], bool]


def compile_node(node: Node) -> Condition:
    """A function from facts to the value of this condition; it never raises on facts of the right kinds."""
    if isinstance(node, Literal | SetLiteral):
        return _constant(_value(node))
    if isinstance(node, Name):
        return operator.itemgetter(node.name)
    if isinstance(node, Not):
        return _negate(compile_node(node.operand))
    if isinstance(node, Call):
        return _call(node)
    return _binary(node)


def _constant(value: Any) -> Condition:
    return lambda facts: value


def _negate(inner: Condition) -> Condition:
    return lambda facts: not inner(facts)


def _binary(node: Binary) -> Condition:
    if node.op in ("and", "or"):
        return _JOINED[node.op](*map(compile_node, _joined(node, node.op)))
    fact, value = node.left, node.right
    if node.op in _FACT_AGAINST_VALUE and isinstance(fact, Name) and isinstance(value, Literal | SetLiteral):
        return _FACT_AGAINST_VALUE[node.op](fact.name, _value(value))
    left, right = compile_node(fact), compile_node(value)
    if node.op in _TESTS:
        test = _TESTS[node.op]
        return lambda facts: test(left(facts), right(facts))
    if node.op in _ORDERS:
        return _with_null(_ORDERS[node.op], left, right, missing=False)
    return _with_null(_SUMS[node.op], left, right, missing=None)


def _joined(node: Node, op: str) -> Iterator[Node]:
    """`a and b and c` as a, b, c: one loop instead of a function in a function in a function."""
    if isinstance(node, Binary) and node.op == op:
        yield from _joined(node.left, op)
        yield from _joined(node.right, op)
    else:
        yield node


def _all(*tests: Condition) -> Condition:
    def run(facts: Facts) -> bool:
        for test in tests:  # noqa: SIM110 - a generator costs as much as what it would ask
            if not test(facts):
                return False
        return True

    return run


def _any(*tests: Condition) -> Condition:
    def run(facts: Facts) -> bool:
        for test in tests:  # noqa: SIM110 - as above
            if test(facts):
                return True
        return False

    return run


_JOINED: Mapping[str, Callable[..., Condition]] = {"and": _all, "or": _any}


def _value(node: Literal | SetLiteral) -> Any:
    return frozenset(node.values) if isinstance(node, SetLiteral) else node.value


# The shape of most conditions, `em_breath == 'severe'`: one lookup and one comparison.
_FACT_AGAINST_VALUE: Mapping[str, Callable[[str, Any], Condition]] = {
    "==": lambda name, value: lambda facts: facts[name] == value,
    "!=": lambda name, value: lambda facts: facts[name] != value,
    "in": lambda name, value: lambda facts: facts[name] in value,
    "not in": lambda name, value: lambda facts: facts[name] not in value,
}


def _in(member: Any, group: Collection[Any]) -> bool:
    return member in group


def _not_in(member: Any, group: Collection[Any]) -> bool:
    return member not in group


_TESTS: Mapping[str, _Test] = {"==": operator.eq, "!=": operator.ne, "in": _in, "not in": _not_in}
_ORDERS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_SUMS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


def _with_null(act: Callable[[Any, Any], Any], left: Condition, right: Condition, *, missing: Any) -> Condition:
    """Null on either side gives `missing`: false for an order, null for a sum."""

    def run(facts: Facts) -> Any:
        a, b = left(facts), right(facts)
        return missing if a is None or b is None else act(a, b)

    return run


def _call(node: Call) -> Condition:
    arguments = [compile_node(argument) for argument in node.arguments]
    if node.name in _LOOKUPS:
        look_up = _LOOKUPS[node.name]
        return lambda facts: look_up(facts, *[argument(facts) for argument in arguments])
    helper = HELPERS[node.name]
    if len(arguments) == 1:
        only = arguments[0]
        return lambda facts: helper(only(facts))
    return lambda facts: helper(*[argument(facts) for argument in arguments])


def _max(a: Any, b: Any) -> Any:
    if a is None:
        return b
    return a if b is None or a >= b else b


def _choose(test: bool, yes: Any, no: Any) -> Any:
    return yes if test else no


def _any_of(first: Collection[str], second: Collection[str]) -> bool:
    return any(member in second for member in first)


def _count_of(first: Collection[str], second: Collection[str]) -> int:
    return sum(member in second for member in first)


def _new_region(now: Collection[str], then: Collection[str] | None) -> bool:
    """A region that was not there, or none named now though some were: not known to be the same."""
    return any(region not in (then or ()) for region in now) or bool(then and not now)


def _rose_by(now: float | None, then: float | None, step: float) -> bool:
    """Up by `step` or more; one of the two unknown counts as a rise, both unknown does not."""
    if now is None or then is None:
        return now is not then
    return now - then >= step - _ROUNDING


# A half degree that was converted from Fahrenheit must not be lost in the last binary digit.
_ROUNDING = 0.000001


def _all_recorded(prefix: str, regions: Collection[str], recorded: Collection[str]) -> bool:
    """No region named is not 'all recorded': missing detail is read as the urgent option."""
    return bool(regions) and all(prefix + region in recorded for region in regions)


def _snapshot(facts: Facts, sign: str, key: str) -> Any:
    alert = facts["alert_by_sign"].get(sign)
    return alert["snapshot"].get(key) if alert else None


def _acknowledged(facts: Facts, sign: str) -> str | None:
    alert = facts["alert_by_sign"].get(sign)
    return alert["ack"] if alert else None


HELPERS: Mapping[str, Callable[..., Any]] = {
    "max": _max,
    "choose": _choose,
    "empty": operator.not_,
    "count": len,
    "any_of": _any_of,
    "count_of": _count_of,
    "new_region": _new_region,
    "rose_by": _rose_by,
    "all_recorded": _all_recorded,
}
_LOOKUPS: Mapping[str, Callable[..., Any]] = {"snapshot": _snapshot, "acknowledged": _acknowledged}

"""Compile a checked condition into a Python function.

The syntax tree is built node by node, never from text, so that nothing is eval'd. A condition can reach only facts
(as keys) and the helpers below.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import count
from types import CodeType, FunctionType
from typing import Any

from recovery.language.expression import Binary, Call, Literal, Name, Node, Not, SetLiteral

Facts = Mapping[str, Any]
Condition = Callable[[Facts], Any]


def compile_node(node: Node) -> Condition:
    """Return a function from facts to the condition's value; it never raises on facts of the right kinds."""
    return _function(_Emitter().emit(node))


def compile_all(nodes: Iterable[Node]) -> Condition:
    """Return one function from facts to the values of all conditions, in order, to save one call for each."""
    emitter = _Emitter()
    return _function(ast.Tuple([emitter.emit(node) for node in nodes], ast.Load()))


def _function(body: ast.expr) -> Condition:
    given = ast.arguments([], [ast.arg(_FACTS)], None, [], [], None, [])
    tree = ast.fix_missing_locations(ast.Expression(ast.Lambda(given, body)))
    compiled = compile(tree, "<rule book>", "eval")
    code = next(part for part in compiled.co_consts if isinstance(part, CodeType))
    return FunctionType(code, {"__builtins__": {}, **HELPERS, **LOOKUPS})


# No name of the condition language begins with an underscore.
_FACTS = "_facts"
_COMPARISONS: Mapping[str, type[ast.cmpop]] = {
    "==": ast.Eq,
    "!=": ast.NotEq,
    "in": ast.In,
    "not in": ast.NotIn,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}
_SUMS: Mapping[str, type[ast.operator]] = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div}
_ORDERS = ("<", "<=", ">", ">=")


class _Emitter:
    """One method per kind of node; each returns the expression as a Python syntax tree."""

    def __init__(self) -> None:
        self.numbers = count()

    def emit(self, node: Node) -> ast.expr:
        if isinstance(node, Literal):
            return ast.Constant(node.value)
        if isinstance(node, SetLiteral):
            values: Any = frozenset(node.values)
            return ast.Constant(values)
        if isinstance(node, Name):
            return ast.Subscript(_read(_FACTS), ast.Constant(node.name), ast.Load())
        if isinstance(node, Not):
            return ast.UnaryOp(ast.Not(), self.emit(node.operand))
        return self.call(node) if isinstance(node, Call) else self.binary(node)

    def call(self, node: Call) -> ast.expr:
        given = [self.emit(argument) for argument in node.arguments]
        first = [_read(_FACTS)] if node.name in LOOKUPS else []
        return ast.Call(_read(node.name), [*first, *given], [])

    def binary(self, node: Binary) -> ast.expr:
        if node.op in ("and", "or"):
            join = ast.And() if node.op == "and" else ast.Or()
            return ast.BoolOp(join, [self.emit(node.left), self.emit(node.right)])
        if node.op not in _ORDERS and node.op not in _SUMS:
            return _compare(self.emit(node.left), node.op, self.emit(node.right))
        left, left_known = self.known(node.left)
        right, right_known = self.known(node.right)
        both_known = [*left_known, *right_known]
        if node.op in _ORDERS:
            return _all_of([*both_known, _compare(left, node.op, right)])
        done = ast.BinOp(left, _SUMS[node.op](), right)
        return ast.IfExp(_all_of(both_known), done, ast.Constant(None)) if both_known else done

    def known(self, node: Node) -> tuple[ast.expr, list[ast.expr]]:
        """Return the value and the tests that it is not null; a literal other than null needs no test."""
        if isinstance(node, Literal) and node.value is not None:
            return ast.Constant(node.value), []
        kept = f"_{next(self.numbers)}"
        value = ast.NamedExpr(ast.Name(kept, ast.Store()), self.emit(node))
        return _read(kept), [_compare(value, "is not", ast.Constant(None))]


def _read(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _compare(left: ast.expr, op: str, right: ast.expr) -> ast.expr:
    return ast.Compare(left, [ast.IsNot() if op == "is not" else _COMPARISONS[op]()], [right])


def _all_of(tests: list[ast.expr]) -> ast.expr:
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)


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
    """Return whether a region is new, or none is named now though some were before (so it may be new)."""
    return any(region not in (then or ()) for region in now) or bool(then and not now)


def _rose_by(now: float | None, then: float | None, step: float) -> bool:
    """Return whether the value rose by `step` or more; one unknown value counts as a rise, two do not."""
    if now is None or then is None:
        return now is not then
    return now - then >= step - _ROUNDING


# Tolerance for floating point, so that a half degree converted from Fahrenheit still counts.
_ROUNDING = 0.000001


def _all_recorded(prefix: str, regions: Collection[str], recorded: Collection[str]) -> bool:
    """Return whether regions are named and all are on record. No region gives false, the urgent reading."""
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
LOOKUPS: Mapping[str, Callable[..., Any]] = {"snapshot": _snapshot, "acknowledged": _acknowledged}

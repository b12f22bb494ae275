"""Turn a checked condition into JavaScript source that gives the same results as python.py, also for null.

The source is written into a module when the rule book changes; no phone ever evaluates text as code.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping

from recovery.language.expression import Binary, Call, Literal, Name, Node, Not, Scalar, SetLiteral

# JavaScript operator precedence, loosest first: an operand looser than its place needs brackets.
_OR, _AND, _EQUALITY, _UNARY, _ATOM = range(5)
_JOINS = {"or": ("||", _OR), "and": ("&&", _AND), "==": ("===", _EQUALITY), "!=": ("!==", _EQUALITY)}
_GUARDED = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "+": "add", "-": "sub", "*": "mul", "/": "div"}
_LOOKUPS = ("snapshot", "acknowledged")

# The JavaScript source of each helper a condition may call; python.py has the same helpers.
HELPERS: Mapping[str, str] = {
    **{
        name: f"(a,b)=>a!==null&&b!==null&&a{op}b" for op, name in _GUARDED.items() if op in ("<", "<=", ">", ">=")
    },
    **{
        name: f"(a,b)=>a===null||b===null?null:a{op}b"
        for op, name in _GUARDED.items()
        if op in ("+", "-", "*", "/")
    },
    "max": "(a,b)=>a===null?b:b===null||a>=b?a:b",
    "choose": "(test,yes,no)=>test?yes:no",
    "empty": "group=>group===null||!group.length",
    "count": "group=>group.length",
    "any_of": "(a,b)=>a.some(member=>b.includes(member))",
    "count_of": "(a,b)=>a.filter(member=>b.includes(member)).length",
    "new_region": (
        "(now,then)=>now.some(region=>!(then||[]).includes(region))||(then!==null&&then.length>0&&!now.length)"
    ),
    "rose_by": ("(now,then,step)=>now===null||then===null?(now===null)!==(then===null):now-then>=step-0.000001"),
    "all_recorded": (
        "(prefix,regions,recorded)=>regions.length>0&&regions.every(region=>recorded.includes(prefix+region))"
    ),
    "snapshot": "(f,sign,key)=>f.alert_by_sign.get(sign)?.snapshot[key]??null",
    "acknowledged": "(f,sign)=>f.alert_by_sign.get(sign)?.ack??null",
}
# The types of the helpers, for the type checker of the phone's scripts; a fact may be anything.
_OF_LISTS = {
    "any_of": "a: any[], b: any[]",
    "count_of": "a: any[], b: any[]",
    "new_region": "now: any[], then: any[] | null",
    "all_recorded": "prefix: string, regions: any[], recorded: any[]",
}


def helper(name: str) -> str:
    """Return the line that defines a helper, after a line with its type."""
    return f"/** @type {{({_OF_LISTS.get(name, '...values: any[]')}) => any}} */\nconst {name}={HELPERS[name]};\n"


def to_javascript(node: Node, own: Collection[str] = ()) -> str:
    """Return the condition as one expression over `f`, the facts; names in `own` are read from `a`, an alert."""
    return _Emitter(own).emit(node)[0]


def parts(node: Node) -> Iterator[Node]:
    """Yield the node and every node below it."""
    yield node
    if isinstance(node, Not):
        yield from parts(node.operand)
    elif isinstance(node, Binary):
        yield from parts(node.left)
        yield from parts(node.right)
    elif isinstance(node, Call):
        for argument in node.arguments:
            yield from parts(argument)


def helper_of(node: Node) -> str | None:
    """Return the helper this node itself becomes a call of, or None; nodes below it do not count."""
    if isinstance(node, Call):
        return node.name
    return _GUARDED.get(node.op) if isinstance(node, Binary) else None


class _Emitter:
    """One method per kind of node; each returns the source and its precedence."""

    def __init__(self, own: Collection[str]) -> None:
        self.own = own

    def emit(self, node: Node) -> tuple[str, int]:
        if isinstance(node, Literal):
            return literal(node.value), _ATOM
        if isinstance(node, SetLiteral):
            return f"[{','.join(map(literal, node.values))}]", _ATOM
        if isinstance(node, Name):
            return f"{'a' if node.name in self.own else 'f'}.{node.name}", _ATOM
        if isinstance(node, Not):
            return f"!{self.tight(node.operand, _UNARY)}", _UNARY
        if isinstance(node, Call):
            return self.call(node)
        return self.binary(node)

    def tight(self, node: Node, place: int) -> str:
        source, binds = self.emit(node)
        return source if binds >= place else f"({source})"

    def call(self, node: Call) -> tuple[str, int]:
        given = [self.emit(argument)[0] for argument in node.arguments]
        return f"{node.name}({','.join(['f', *given] if node.name in _LOOKUPS else given)})", _ATOM

    def binary(self, node: Binary) -> tuple[str, int]:
        if node.op in _GUARDED:
            return f"{_GUARDED[node.op]}({self.emit(node.left)[0]},{self.emit(node.right)[0]})", _ATOM
        if node.op in _JOINS:
            sign, binds = _JOINS[node.op]
            # An equality inside an equality needs brackets, because JavaScript reads a chain from the left.
            inner = binds + (binds == _EQUALITY)
            return f"{self.tight(node.left, inner)}{sign}{self.tight(node.right, inner)}", binds
        found = f"{self.tight(node.right, _ATOM)}.includes({self.emit(node.left)[0]})"
        return (f"!{found}", _UNARY) if node.op == "not in" else (found, _ATOM)


def literal(value: Scalar) -> str:
    """Return a literal in JavaScript; 38.0 is written as 38."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value)

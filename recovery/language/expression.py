"""The condition language of the rule book: parse the text of a condition into a tree. Nothing here runs it.

    or_      := and_ ("or" and_)*
    and_     := not_ ("and" not_)*
    not_     := "not" not_ | compare
    compare  := sum (("==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in") sum)?
    sum      := product (("+" | "-") product)*
    product  := atom (("*" | "/") atom)*
    atom     := number | 'text' | true | false | null | name | name(or_, ...) | {literal, ...} | (or_)

Missing values behave the same in Python and JavaScript: `<`, `<=`, `>`, `>=` with null are false; `==`, `!=` and
`in` treat null as an ordinary value, so `x == null` tests for it; `+ - * /` with null give null. So
`not (a >= b)` is true when a is missing. The right side of `/` must be a literal number other than zero.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

Scalar = bool | int | float | str | None

COMPARISONS = ("==", "!=", "<=", ">=", "<", ">", "in", "not in")
WORDS = {"true": True, "false": False, "null": None}
RESERVED = {"and", "or", "not", "in", *WORDS}
MAX_DEPTH = 40

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|'(?P<text>[^']*)'|(?P<name>[a-z_][a-z0-9_]*)"
    r"|(?P<sign>==|!=|<=|>=|[<>+\-*/(){},]))"
)


class ExpressionError(ValueError):
    """The condition is malformed; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Literal:
    value: Scalar


@dataclass(frozen=True, slots=True)
class SetLiteral:
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True)
class Not:
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """`op` is "and", "or", one of COMPARISONS, or one of + - * /."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple[Node, ...]


Node = Literal | SetLiteral | Name | Not | Binary | Call


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    column: int


def parse(source: str) -> Node:
    """Return the tree of one condition; ExpressionError names the column and the reason."""
    parser = _Parser(_tokens(source))
    node = parser.either()
    parser.expect("end", "the end of the condition")
    return node


def _tokens(source: str) -> list[Token]:
    found: list[Token] = []
    position = 0
    end = len(source.rstrip())
    while position < end:
        match = _TOKEN.match(source, position)
        if match is None:
            column = end - len(source[position:end].lstrip()) + 1
            raise ExpressionError(f"column {column}: {source[column - 1]!r} is not understood")
        kind = match.lastgroup or ""
        text = match.group(kind)
        column = match.start(kind) + 1
        if kind == "name" and text in RESERVED:
            kind = "word"
        found.append(Token(kind, text, column))
        position = match.end()
    found.append(Token("end", "", end + 1))
    return found


class _Parser:
    """Recursive descent, one method per line of the grammar."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    @property
    def now(self) -> Token:
        return self.tokens[self.at]

    def take(self, *texts: str) -> Token | None:
        token = self.now
        if token.kind in ("sign", "word") and token.text in texts:
            self.at += 1
            return token
        return None

    def expect(self, text: str, what: str) -> None:
        if self.now.kind == text == "end" or self.take(text):
            return
        raise ExpressionError(f"column {self.now.column}: expected {what}, found {self.now.text or 'the end'!r}")

    def either(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"column {self.now.column}: nested too deeply")
        node = self.both()
        while self.take("or"):
            node = Binary("or", node, self.both())
        self.depth -= 1
        return node

    def both(self) -> Node:
        node = self.negation()
        while self.take("and"):
            node = Binary("and", node, self.negation())
        return node

    def negation(self) -> Node:
        times = 0
        while self.take("not"):
            times += 1
        node = self.compare()
        for _ in range(times):
            node = Not(node)
        return node

    def compare(self) -> Node:
        left = self.sum()
        op = self.take("==", "!=", "<=", ">=", "<", ">", "in")
        if op is not None:
            return Binary(op.text, left, self.sum())
        if self.take("not"):
            self.expect("in", "'in' after 'not'")
            return Binary("not in", left, self.sum())
        return left

    def sum(self) -> Node:
        node = self.product()
        while op := self.take("+", "-"):
            node = Binary(op.text, node, self.product())
        return node

    def product(self) -> Node:
        node = self.atom()
        while op := self.take("*", "/"):
            node = Binary(op.text, node, self.atom())
        return node

    def atom(self) -> Node:
        token = self.now
        if self.take("("):
            node = self.either()
            self.expect(")", "')'")
            return node
        if self.take("{"):
            return SetLiteral(tuple(self.set_members()))
        if token.kind == "name":
            self.at += 1
            return self.call(token.text) if self.take("(") else Name(token.text)
        return Literal(self.literal())

    def call(self, name: str) -> Node:
        arguments = [self.either()]
        while self.take(","):
            arguments.append(self.either())
        self.expect(")", "')'")
        return Call(name, tuple(arguments))

    def set_members(self) -> list[Scalar]:
        members = [self.literal()]
        while self.take(","):
            members.append(self.literal())
        self.expect("}", "'}'")
        return members

    def literal(self) -> Scalar:
        token = self.now
        self.at += 1
        if token.kind == "number":
            return float(token.text) if "." in token.text else int(token.text)
        if token.kind == "text":
            return token.text
        if token.kind == "word" and token.text in WORDS:
            return WORDS[token.text]
        raise ExpressionError(f"column {token.column}: expected a value, found {token.text or 'the end'!r}")

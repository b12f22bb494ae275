"""Search for a case in which each rule fires. This is too slow for a start; `check_rules` and the tests run it.

A rule is dead when the search finds no case in which it fires. It is shadowed when, in every case found, an
earlier rule of the same tier with the same sign or message fires too, so that the rule never changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from random import Random
from typing import Any

from recovery.language.expression import Literal, Name, Node, SetLiteral
from recovery.language.javascript import parts
from recovery.language.kinds import ACK_LEVELS, Kind
from recovery.triage.check import REACH_HOURS, calm_log
from recovery.triage.engine import evaluate
from recovery.triage.facts import FEVER_LINES, GRACE, build_facts
from recovery.triage.numbers import number_facts
from recovery.triage.past import alert_by_sign
from recovery.triage.problem import Problem
from recovery.triage.shapes import LatchRule, NoticeRule, Rule, Rulebook
from recovery.triage.vocabulary import raw_facts

TRIES = 4000
MOST_CHANGES = 6
DATES = ("2026-03-01", "2026-03-09")

Facts = dict[str, Any]
Anyone = Rule | LatchRule | NoticeRule


def reach_problems(rulebook: Rulebook, seed: int = 1) -> list[Problem]:
    """Return every dead or shadowed rule and every dead notice; the same seed tries the same cases."""
    search = _Search(rulebook, Random(seed))  # noqa: S311 - not used for security
    found = []
    anyone: tuple[Anyone, ...] = (*rulebook.urgent, *rulebook.latch, *rulebook.watch, *rulebook.notices)
    for rule in anyone:
        if reason := search.reason_against(rule):
            found.append(Problem(_file(rule), rule.id, reason))
    return found


def _file(rule: Anyone) -> str:
    if isinstance(rule, Rule):
        return f"{rule.tier}.toml"
    return "latch.toml" if isinstance(rule, LatchRule) else "notices.toml"


class _Search:
    def __init__(self, rulebook: Rulebook, random: Random) -> None:
        self.book = rulebook
        self.random = random
        self.kinds = raw_facts(rulebook.content)
        self.derived = {fact.name: fact.when.tree for fact in rulebook.derived}
        self.calm = build_facts({}, REACH_HOURS, calm_log(rulebook.content), (), rulebook)
        self.numbers = sorted(set(self._numbers()))

    def reason_against(self, rule: Anyone) -> str | None:
        """Return why this rule has no effect, or None as soon as a case shows an effect."""
        rivals: set[str] | None = None
        for facts in self._cases(rule):
            verdict = evaluate(facts, self.book)
            told = {entry.id for entry in verdict.fired} | {notice.id for notice in verdict.notices}
            if rule.id in told:
                rivals = (self._rivals(rule) if rivals is None else rivals) & told
                if not rivals:
                    return None
        if rivals is None:
            return "no case was found in which it fires"
        return f"whenever it fires, {sorted(rivals)[0]} of the same tier has said the same already"

    def _rivals(self, rule: Anyone) -> set[str]:
        """Return the earlier rules of its tier with the same sign or the same message to the patient."""
        if not isinstance(rule, Rule):
            return set()
        same_tier = [other for other in (*self.book.urgent, *self.book.watch) if other.tier == rule.tier]
        earlier = same_tier[: [other.id for other in same_tier].index(rule.id)]
        return {o.id for o in earlier if o.sign == rule.sign or o.message == rule.message}

    def _cases(self, rule: Anyone) -> Iterator[Facts]:
        """Yield cases: the rule's inputs changed one at a time, then several at random; the rest stays calm."""
        if isinstance(rule, LatchRule):
            for _ in range(TRIES):
                shown = self.random.choice(self.book.urgent)
                yield self._changed(self._inputs(shown.when.tree), shown.sign)
            return
        names = self._inputs(rule.when.tree)
        for name in names:
            for value in self._values(name):
                yield {**self.calm, name: value}
        signs = self._signs(rule.when.tree)
        for _ in range(TRIES):
            yield self._changed(names, self.random.choice(signs))

    def _changed(self, names: list[str], sign: str | None) -> Facts:
        facts = dict(self.calm)
        for name in self.random.sample(names, self.random.randint(0, min(len(names), MOST_CHANGES))):
            facts[name] = self.random.choice(self._values(name))
        if sign is not None:
            facts |= self._alert(sign, facts["hours"])
            facts["log_given"] = self.random.random() < 0.8
        return facts

    def _alert(self, sign: str, hours: float) -> Facts:
        """Return the facts of one open alert of this sign, as past.py makes them."""
        ages = (1.0, 47.0, 100.0, 500.0)
        alert = {
            "sign": sign,
            "tier": self.book.signs[sign].tier,
            "opened_hours": hours - self.random.choice(ages),
            "ack": self.random.choice(ACK_LEVELS),
            "ack_hours": hours - self.random.choice(ages),
            "snapshot": {},
        }
        return {"open_alerts": [alert], "alert_by_sign": alert_by_sign([alert]), "open_signs": (sign,)}

    def _inputs(self, tree: Node) -> list[str]:
        """Return the raw facts this condition depends on, except fixed numbers of the rule book and alerts."""
        names: set[str] = set()
        waiting: list[Node] = [tree]
        while waiting:
            for node in parts(waiting.pop()):
                if isinstance(node, Name) and node.name not in names:
                    names.add(node.name)
                    waiting += [self.derived[node.name]] if node.name in self.derived else []
        fixed = (number_facts(self.book.content).keys() | {"open_signs"}) - {GRACE, *FEVER_LINES}
        return sorted(name for name in names if name in self.kinds and name not in fixed)

    def _signs(self, tree: Node) -> list[str | None]:
        """Return None for no alert, and each sign the condition names, also through a derived fact."""
        texts = {text for node in self._under(tree) for text in _texts(node)}
        return [None, *sorted(texts & self.book.signs.keys())]

    def _under(self, tree: Node) -> Iterator[Node]:
        for node in parts(tree):
            yield node
            if isinstance(node, Name) and node.name in self.derived:
                yield from self._under(self.derived[node.name])

    def _values(self, name: str) -> list[Any]:
        kind = self.kinds[name]
        return [*_MADE[kind.base](kind, self.numbers), *([None] if kind.nullable and kind.base != "set" else [])]

    def _numbers(self) -> Iterator[float]:
        """Yield each number of the rules and of defaults.toml, one less and one more."""
        book = self.book
        whens = [*(rule.when for rule in (*book.urgent, *book.watch)), *(notice.when for notice in book.notices)]
        trees = [*self.derived.values(), *(when.tree for when in whens)]
        written = {node.value for tree in trees for node in parts(tree) if isinstance(node, Literal)}
        edges = {value for value in written if isinstance(value, int | float) and not isinstance(value, bool)}
        edges |= set(book.content["numbers"].values())
        edges |= {phase["gap_h"] for phase in book.content["missed_log"]}
        for edge in edges:
            yield from (edge - 1, edge, edge + 1)


def _texts(node: Node) -> Iterable[str]:
    if isinstance(node, Literal) and isinstance(node.value, str):
        return (node.value,)
    return (str(value) for value in node.values) if isinstance(node, SetLiteral) else ()


_MADE: Mapping[str, Callable[[Kind, list[float]], list[Any]]] = {
    "bool": lambda kind, numbers: [False, True],
    "number": lambda kind, numbers: numbers,
    "date": lambda kind, numbers: list(DATES),
    "text": lambda kind, numbers: sorted(kind.values or ()),
    "set": lambda kind, numbers: [(), *((value,) for value in sorted(kind.values or {"words"})), _all(kind)],
}


def _all(kind: Kind) -> tuple[str, ...]:
    return tuple(sorted(kind.values or {"words"}))

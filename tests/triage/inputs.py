"""What each rule looks at, followed down to the answers, and every value those can take.

A rule's condition names facts; a derived fact names others. At the bottom are inputs: an answer, a field of
the record, an override, the hour, the past, an open alert. An input has a closed list of settings, absent and
null among them; a setting changes the case.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, product
from math import prod
from random import Random
from typing import Any

from recovery.language.expression import Literal, Name, Node, SetLiteral
from recovery.language.javascript import parts
from recovery.triage.rulebook import load_rulebook
from tests.triage.answers import BASELINE_SYMPTOMS, CALM_LOG, DATES, FIELDS, PATIENT, SHOWS, TIER_OF_SIGN
from tests.triage.strategies import OVERRIDES, Situation

Setting = Callable[[dict[str, Any]], None]

BOOK = load_rulebook()
ABSENT = object()
RULES = {rule.id: rule.when.tree for rule in (*BOOK.urgent, *BOOK.watch)}
NOTICES = {notice.id: notice.when.tree for notice in BOOK.notices}
DERIVED = {fact.name: fact.when.tree for fact in BOOK.derived}
# Complete up to this many cases a rule; beyond it every pair of settings, and then as many at random.
COMPLETE = 10_000
AT_RANDOM = 2_000
# Only the higher of the two pains counts, so one of them is tried in full.
ANSWERS = {**FIELDS, "pain_rest": [None, 0, 4, 6]}

RECORD: dict[str, list[Any]] = {
    "baseline_pain": [ABSENT, None, 0, 1, 2, 4, 6, 8, 10],
    "baseline_walk_level": [ABSENT, *FIELDS["walk_level"]],
    "baseline_symptoms": [ABSENT, None, [], BASELINE_SYMPTOMS, ["numb_legs", "weak_legs", "pain_legs"]],
    "levels": [ABSENT, [], ["L2"], ["T12"], ["L1", "L3"]],
    "thinner_restart_on": [ABSENT, None, *DATES[2:5]],
    "apap_max_mg": [ABSENT, None, 0, 2000, 3000, 4000, 5000],
    "procedure_end_at": [ABSENT, None, "2026-03-07T23:30:00-05:00", "2026-03-06T04:59:59.999999+00:00"],
}
YES_OR_NO = [ABSENT, None, True, False]
# One past each: what earlier logs said, by hours ago.
PASTS: list[list[tuple[float, dict[str, Any]]]] = [
    [],
    [(12.0, {})],
    *([(12.0, {"pain_move": pain, "pain_site": pain})] for pain in (None, 0, 1, 2, 3, 4, 5, 8)),
    [(168.0, {"pain_rest": 1}), (12.0, {"pain_move": 4, "pain_site": 2})],
    [(168.01, {"pain_rest": 1}), (12.0, {"pain_move": 4, "pain_site": None})],
    [(47.99, {"mood": "low"}), (5.0, {"mood": "low", "pain_rest": 2})],
    [(48.0, {"mood": "low"}), (5.0, {"mood": None})],
    [(0.0, {"pain_move": 0, "mood": "low"}), (-1.0, {"pain_move": 9}), (840.0, {"mood": "low"})],
]


def setting(path: tuple[str, ...], value: Any) -> Setting:
    """Set one place of a case, or clear it."""

    def change(case: dict[str, Any]) -> None:
        place = case
        for key in path[:-1]:
            place = place[key]
        if value is ABSENT:
            place.pop(path[-1], None)
        else:
            place[path[-1]] = value

    return change


def settings(path: tuple[str, ...], values: Iterable[Any]) -> list[Setting]:
    return [setting(path, value) for value in values]


def names_under(trees: Iterable[Node]) -> tuple[set[str], set[str]]:
    """The raw facts these conditions come down to, and every text written in them."""
    names: set[str] = set()
    texts: set[str] = set()
    waiting = list(trees)
    seen: set[str] = set()
    while waiting:
        for node in parts(waiting.pop()):
            if isinstance(node, Name) and node.name not in seen:
                seen.add(node.name)
                if node.name in DERIVED:
                    waiting.append(DERIVED[node.name])
                else:
                    names.add(node.name)
            elif isinstance(node, Literal | SetLiteral):
                values = node.values if isinstance(node, SetLiteral) else (node.value,)
                new = {value for value in values if isinstance(value, str)} - texts
                texts |= new
                waiting += [RULES[text] for text in new if text in RULES]
    return names, texts


def hours_around(trees: Iterable[Node], names: set[str]) -> list[float]:
    """Both sides of every number of hours these conditions know, an hour before the procedure and one after it."""
    numbers = BOOK.content["numbers"]
    written = {n.value for tree in trees for n in parts(tree) if isinstance(n, Literal)}
    edges = {float(v) for v in written if isinstance(v, int | float) and not isinstance(v, bool) and v >= 24}
    edges |= {float(numbers[name]) for name in names if name in numbers and name.endswith("_h")}
    if "silence_limit_hours" in names:
        edges |= {float(row[key]) for row in BOOK.content["missed_log"] for key in row}
    return sorted({edge + step for edge in edges for step in (-0.01, 0.0, 0.01)} | {-1.0, 30.0})


def alerts_about(texts: set[str]) -> list[list[dict[str, Any]]]:
    """No alert, or one about each sign named: unanswered, answered, resolved."""
    states = [{"ack": "none"}, {"ack": "contacted", "ack_hours": 20.0}, {"status": "resolved"}]
    plain = [
        {"sign": s, "tier": TIER_OF_SIGN[s], "opened_hours": 10.0} for s in sorted(texts & TIER_OF_SIGN.keys())
    ]
    return [[], *([{**alert, **state}] for alert in plain for state in states)]


def inputs_of(tree: Node) -> list[list[Setting]]:
    """Each input of this condition with all its settings."""
    names, texts = names_under([tree])
    found = [settings(("log", name), [ABSENT, *ANSWERS[name]]) for name in sorted(names & ANSWERS.keys())]
    for field in BOOK.content["patient"]:
        if field["name"] in names:
            found.append(settings(("patient", field["name"]), RECORD.get(field["name"], YES_OR_NO)))
    found += [
        settings(("patient", "clinic_overrides", name), [ABSENT, None, *OVERRIDES[name]])
        for name in sorted(names & OVERRIDES.keys())
    ]
    found.append(settings(("hours",), hours_around([tree], names)))
    if names & {"last_pain", "low7_pain", "low_since48", "last_pain_site", "last_two_moods_low", "silent_hours"}:
        found.append(settings(("past",), PASTS))
    if names & {"open_signs"} or "early_pain" in texts:
        found.append(settings(("patient", "alerts"), alerts_about(texts)))
    if names & {"says_911", "says_doctor_now", "says_self_harm"}:
        for field in ("notes", "question_for_team", "notes_confirm", "notes_asked"):
            found.append(settings(("log", field), [ABSENT, *FIELDS[field]]))
    if "local_date" in names:
        found.append(settings(("patient", "procedure_end_at"), RECORD["procedure_end_at"]))
    if "log_given" in names:
        found.append([lambda case: None, setting(("silent",), True)])
    return found


def case_with(chosen: Iterable[Setting], base: dict[str, Any]) -> Situation:
    """The base case with these settings, as a judge is given it."""
    case: dict[str, Any] = {
        "patient": {**PATIENT, "alerts": [], "clinic_overrides": {}},
        "log": dict(base),
        "hours": 30.0,
        "past": [],
        "silent": False,
    }
    for change in chosen:
        change(case)
    hours = case["hours"]
    history = [{"hours": hours - ago, "log": log} for ago, log in case["past"]]
    return case["patient"], hours, None if case["silent"] else case["log"], history


def combinations_of(inputs: list[list[Setting]], seed: int) -> Iterator[tuple[Setting, ...]]:
    """Every combination when there are few; else every pair of settings, then random ones."""
    if prod(map(len, inputs)) <= COMPLETE:
        yield from product(*inputs)
        return
    for one, two in combinations(inputs, 2):
        yield from product(one, two)
    random = Random(seed)
    for _ in range(AT_RANDOM):
        yield tuple(random.choice(values) for values in inputs)


def cases_of(tree: Node, seed: int) -> Iterator[Situation]:
    """The own inputs of one condition, over a log that is otherwise calm."""
    for chosen in combinations_of(inputs_of(tree), seed):
        yield case_with(chosen, CALM_LOG)


def conditions() -> dict[str, Node]:
    """Every rule and notice, but of those with exactly the same inputs only the first."""
    different: dict[Any, str] = {}
    trees = {**RULES, **NOTICES}
    for identifier, tree in trees.items():
        names, texts = names_under([tree])
        key = (frozenset(names), frozenset(texts & TIER_OF_SIGN.keys()), tuple(hours_around([tree], names)))
        different.setdefault(key, identifier)
    return {identifier: trees[identifier] for identifier in different.values()}


def shown_and_acknowledged() -> Iterator[Situation]:
    """Every sign, shown or gone, with its alert at every step of the answer and both sides of every age."""
    ages = [(-1.0, 3.0), (0.0, 48.0), (47.99, 168.0), (48.0, 168.01), (48.01, 500.0), (None, 20.0)]
    snapshots: list[dict[str, Any] | None] = [
        None,
        {"regions": ["legs"], "temp_c": 38.0, "pain": 4, "pain_site": 3},
    ]
    for sign, answers in SHOWS.items():
        for ack, (answered, opened), snapshot, tier in product(
            ("none", "seen", "contacted", "evaluated"), ages, snapshots, sorted(set(TIER_OF_SIGN.values()))
        ):
            alert = {"sign": sign, "tier": tier, "opened_hours": 200.0 - opened, "ack": ack, "snapshot": snapshot}
            alert["ack_hours"] = None if answered is None else 200.0 - answered
            patient = {**PATIENT, "alerts": [alert]}
            for log in ({**CALM_LOG, **answers}, CALM_LOG, None):
                yield patient, 200.0, log, []

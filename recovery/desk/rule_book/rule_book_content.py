"""The rule book for clinicians: plain values for the page, made only from the rule book and the plan."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from patients.tiers import ALERT_TIERS, CALL_911, CALL_DOCTOR_NOW, ON_TRACK, WATCH
from recovery.desk.rule_book.gate_words import TYPE_WORDS, gate_words, when_words
from recovery.plan.book import Book, Entry
from recovery.triage.roles import MISSING
from recovery.triage.rulebook import default_row, source_row, source_title
from recovery.triage.shapes import LatchRule, NoticeRule, Rule, Rulebook
from recovery.triage.traceability import normal

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """One citation: row, document, section, and its content in our words. A whole document has no row."""

    row: str
    title: str
    section: str
    said: str


@dataclass(frozen=True)
class RuleView:
    """One rule or notice: its condition, the texts for patient and nurse, and its sources."""

    id: str
    plain: str
    message: str
    reason: str
    tiers: tuple[str, ...]
    hints: tuple[str, ...]
    sources: tuple[Source, ...]
    defaults: tuple[Row, ...]
    # How the reader's clinic changed its numbers.
    ours: tuple[str, ...] = ()
    # Other texts for the patient in some cases.
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """The rules of one tier, with the anchor for the list of contents."""

    anchor: str
    title: str
    tier: str
    intro: str
    rules: tuple[RuleView, ...]


@dataclass(frozen=True)
class MilestoneInWords:
    """One milestone with its texts and gates in words."""

    id: str
    title: str
    type: str
    when: str
    texts: tuple[str, ...]
    gates: tuple[str, ...]
    sources: tuple[Source, ...]
    defaults: tuple[Row, ...]
    ours: tuple[str, ...] = ()


@dataclass(frozen=True)
class Name:
    """A name that conditions use, with its question and answers."""

    code: str
    question: str
    answers: tuple[tuple[str, str], ...]


def sections(rulebook: Rulebook) -> list[Section]:
    """Return the rules by tier, most urgent first, with the rules about open alerts after the urgent ones."""
    by_tier = {
        tier: tuple(_rule(r) for r in (*rulebook.urgent, *rulebook.watch) if r.tier == tier)
        for tier in ALERT_TIERS
    }
    calm = rulebook.calm
    on_track = RuleView(calm.id, "No rule holds.", calm.message, "", (), (), cited(calm.sources), ())
    return [
        Section("call-911", "Call 911", CALL_911, "No clinic setting can lower these.", by_tier[CALL_911]),
        Section("doctor-now", "Call doctor now", CALL_DOCTOR_NOW, "", by_tier[CALL_DOCTOR_NOW]),
        Section(
            *("open-alerts", "Open alerts", ""),
            "What an open alert does when its sign is gone, steady, or nothing is logged.",
            tuple(map(_latch, rulebook.latch)),
        ),
        Section(
            "watch",
            "Watch",
            WATCH,
            f"After the procedure only, but for {rulebook.in_role(MISSING)[0].id}.",
            by_tier[WATCH],
        ),
        Section("on-track", "On track", ON_TRACK, "", (on_track,)),
        Section(
            *("notices", "Notices", ""),
            "Advice beside the tier; a notice never raises or lowers it.",
            tuple(map(_notice, rulebook.notices)),
        ),
    ]


def _rule(rule: Rule) -> RuleView:
    return RuleView(
        id=rule.id,
        plain=rule.plain,
        message=rule.message,
        reason=rule.reason,
        tiers=(),
        hints=tuple(hint.text for hint in rule.hints),
        sources=cited(rule.sources),
        defaults=defaults_of((*rule.sources, *rule.defaults)),
        others=tuple(variant.fired.message for variant in rule.variants),
    )


def _latch(rule: LatchRule) -> RuleView:
    return RuleView(
        id=rule.id,
        plain=rule.plain,
        message=rule.message,
        reason=rule.reason,
        tiers=tuple(level.tier for level in rule.levels),
        hints=(),
        sources=cited(rule.sources),
        defaults=defaults_of((*rule.sources, *rule.defaults)),
        others=tuple(level.message for level in rule.levels if level.message),
    )


def _notice(rule: NoticeRule) -> RuleView:
    sources, defaults = cited(rule.sources), defaults_of(rule.sources)
    return RuleView(rule.id, rule.plain, rule.text, "", (), (), sources, defaults)


def cited(marks: Iterable[str]) -> tuple[Source, ...]:
    """Return the documents behind marks such as "healthwise DN-10"; defaults_of returns the app defaults."""
    found = []
    for mark in map(normal, marks):
        if mark.startswith("default:"):
            continue
        row = source_row(mark)
        found.append(
            Source(row["id"], source_title(mark), row["section"], row["paraphrase"])
            if row
            else Source("", source_title(mark), "the document as a whole", "")
        )
    return tuple(found)


def defaults_of(marks: Sequence[str]) -> tuple[Row, ...]:
    """Return the app defaults among marks ("DF-13" or "default DF-13"), each once."""
    ids = dict.fromkeys(normal(mark).removeprefix("default:") for mark in marks)
    return tuple(default_row(one) for one in ids if one.startswith("DF-"))


def steps(book: Book) -> list[MilestoneInWords]:
    """Return every milestone in the order of the plan."""
    return [_step(entry, book) for entry in book.entries]


def _step(entry: Entry, book: Book) -> MilestoneInWords:
    return MilestoneInWords(
        id=entry.id,
        title=entry.title,
        type=TYPE_WORDS[entry.type],
        when=when_words(entry, book),
        texts=tuple(dict.fromkeys(entry.texts.values())),
        gates=tuple(gate_words(gate, book) for gate in entry.gates),
        sources=cited(entry.sources),
        defaults=defaults_of(entry.sources),
    )


View = TypeVar("View", RuleView, MilestoneInWords)


def with_ours(views: Iterable[View], lines: Mapping[str, tuple[str, ...]]) -> tuple[View, ...]:
    """Return the rules or milestones with the lines about the reader's clinic."""
    return tuple(replace(view, ours=lines.get(view.id, ())) for view in views)


def names(content: Row) -> list[Name]:
    """Return the questions of the log by their name in conditions."""
    return [
        Name(
            field["code"],
            field["question"],
            tuple((value["code"], value["label"]) for value in field.get("values", ())),
        )
        for group in content["groups"]
        for field in group["fields"]
    ]

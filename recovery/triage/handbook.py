"""Write docs/rules.md from the rule book, for the clinicians who have to approve the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from patients.tiers import CALL_911, CALL_DOCTOR_NOW, TIER_LABELS, WATCH
from recovery.triage.handbook_words import words_of_danger
from recovery.triage.numbers import number_facts
from recovery.triage.roles import MISSING
from recovery.triage.rulebook import default_row, source_row, source_title
from recovery.triage.shapes import LatchRule, Level, Rule, Rulebook, Variant

Row = Mapping[str, Any]

_OPENING = """# Rules

Written by `check_rules --write-docs` from `recovery/triage/rulebook/`. Do not edit: change the rule book.

Rule book `{hash}`.

A log's tier is the highest of all rules that fire; none fired is on track. Before the procedure only 911 and
doctor-now rules, open alerts and {gap} hold. A missing answer is its calm default or "not said", never a guess;
{gap} keeps a log with missing safety answers from being on track. **Condition** is the clinicians' wording,
**Runs as** is what is evaluated: a comparison with a missing value is false. Sources are the five documents,
cited by row; those marked *app default* are not from the documents."""


def handbook(rulebook: Rulebook) -> str:
    """Return the whole document as Markdown; the same rule book always gives the same text."""
    parts = [
        _OPENING.format(hash=rulebook.hash, gap=rulebook.in_role(MISSING)[0].id),
        *_tier(CALL_911, rulebook.urgent),
        *_tier(CALL_DOCTOR_NOW, rulebook.urgent),
        "## Open alerts: latch and silence",
        *map(_latch, rulebook.latch),
        *_tier(WATCH, rulebook.watch),
        *_calm_and_notices(rulebook),
        _priorities(rulebook),
        _derived(rulebook),
        _numbers(rulebook.content),
        *words_of_danger(rulebook),
        _signs(rulebook),
        *_sources(rulebook.content["sources"]),
    ]
    return "\n\n".join(parts) + "\n"


def _tier(tier: str, rules: Iterable[Rule]) -> Iterator[str]:
    yield f"## {TIER_LABELS[tier]} (`{tier}`)"
    for rule in rules:
        if rule.tier == tier:
            hints = [f"- Nurse hint when {_code(hint.when.text)}: {hint.text}" for hint in rule.hints]
            others = [_variant(variant, tier) for variant in rule.variants]
            body = [f"- Condition: {rule.plain}", f"- Runs as: {_code(rule.when.text)}", *others, *hints]
            yield _entry(rule, [*body, f"- Sign: `{rule.sign}`"])


def _variant(variant: Variant, tier: str) -> str:
    fired = variant.fired
    other = f", at {TIER_LABELS[fired.tier]}" if fired.tier != tier else ""
    paged = " Paged by the 911 plan." if fired.er_now else ""
    return f"- Says instead{other}, when {_code(variant.when.text)}: \u201c{fired.message}\u201d{paged}"


def _level(level: Level) -> str:
    words = f": \u201c{level.message}\u201d" if level.message else ""
    return f"- {TIER_LABELS[level.tier]} when {_code(level.when.text)}{words}"


def _latch(rule: LatchRule) -> str:
    levels = [_level(level) for level in rule.levels]
    return _entry(rule, [f"- Condition: {rule.plain}", f"- Runs as: {_code(rule.when.text)}", *levels])


def _entry(rule: Rule | LatchRule, body: Sequence[str]) -> str:
    lines = [
        f"### {rule.id}: {rule.reason}",
        f"> {rule.message}\n",
        *body,
        f"- Sources: {_cited(rule.sources)}",
    ]
    defaults = [default_row(key) for key in rule.defaults]
    lines += [f"- App default {row['id']}, {row['question']}: {row['default']}" for row in defaults]
    return "\n".join([lines[0], "", *lines[1:]])


def _cited(sources: Iterable[str]) -> str:
    return "; ".join(_citation(source) for source in sources)


def _citation(source: str) -> str:
    if source.startswith("default:"):
        return f"*app default* {source.removeprefix('default:')}"
    row = source_row(source)
    where = f", {row['section']}" if row else ""
    return f"{source} ({source_title(source)}{where})"


def _calm_and_notices(rulebook: Rulebook) -> Iterator[str]:
    calm = rulebook.calm
    yield "## On track (`on_track`)"
    yield f"### {calm.id}: no rule fired\n\n> {calm.message}\n\n- Sources: {_cited(calm.sources)}"
    rows = [(n.id, n.plain, _code(n.when.text), n.text, _cited(n.sources)) for n in rulebook.notices]
    yield _table("Notices (no tier)", ("Notice", "When", "Runs as", "Text", "Sources"), rows)


def _priorities(rulebook: Rulebook) -> str:
    rows = [(row.id, row.plain, _code(row.when.text)) for row in rulebook.priorities]
    return _table("Nurse priority: the first row that holds", ("Priority", "Plain words", "Runs as"), rows)


def _derived(rulebook: Rulebook) -> str:
    rows = [(f"`{fact.name}`", fact.meaning, _code(fact.when.text)) for fact in rulebook.derived]
    return _table("Shared facts", ("Name", "Meaning", "Computed as"), rows)


def _numbers(content: Row) -> str:
    rows = [
        (f"`{name}`", str(value), content["number_defaults"][name])
        for name, value in number_facts(content).items()
    ]
    rows += [("`silence_limit_hours`", _silence(content["missed_log"]), "DF-24")]
    return _table("Numbers and words the documents leave open", ("Name", "Value", "App default"), rows)


def _silence(phases: Sequence[Row]) -> str:
    return ", ".join(
        f"{phase['gap_h']} before hour {phase['until_h']}"
        if "until_h" in phase
        else f"{phase['gap_h']} after that"
        for phase in phases
    )


def _signs(rulebook: Rulebook) -> str:
    rows = [
        (
            f"`{sign.key}`",
            sign.label,
            TIER_LABELS[sign.tier],
            f"within {sign.seen_within_hours} h" if sign.hard else "",
            _code(sign.fresh.text),
            _code(sign.worse.text),
        )
        for sign in rulebook.signs.values()
    ]
    columns = ("Sign", "Label", "Tier", "Evaluated in person first", "Always fresh", "Worse than its alert")
    return _table("Signs an alert is about", columns, rows)


def _sources(sources: Row) -> Iterator[str]:
    yield _table("Documents", ("Key", "Title"), [(row["key"], row["title"]) for row in sources["documents"]])
    columns: tuple[str, ...] = ("id", "question", "documents", "default", "config_key", "basis")
    titles: tuple[str, ...] = (
        "Default",
        "Question",
        "What the documents give",
        "Default value",
        "Setting",
        "Basis",
    )
    yield _table("App defaults, not from the documents", titles, _cells(sources["defaults"], columns))
    columns = ("id", "topic", "documents", "resolution")
    titles = ("Conflict", "Topic", "What the documents say", "Resolution")
    yield _table("Where the documents disagree", titles, _cells(sources["conflicts"], columns))
    asked = [f"{number}. {text}" for number, text in enumerate(sources["open_questions"], start=1)]
    yield "\n".join(["## Open questions for the medical lead, to decide before go-live", "", *asked])
    columns = ("id", "document", "section", "paraphrase", "behaviour")
    titles = ("Row", "Document", "Section", "In our words", "What the app does")
    yield _table("Traceability: every statement of the documents", titles, _cells(sources["rows"], columns))


def _cells(rows: Iterable[Row], columns: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(row[column] for column in columns) for row in rows]


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"## {title}", "", _line(columns), _line(["---"] * len(columns)), *map(_line, rows)]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _code(text: str) -> str:
    return "" if text == "false" else f"`{text}`"

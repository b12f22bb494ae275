"""Judge stored facts again under a changed rule book or changed numbers.

An assessment keeps every fact it used, also open alerts and numbers. Nothing is looked up again, so that any
difference in the verdict comes from the change alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from patients.tiers import CALL_911
from recovery.language.expression import Binary, Name, Node
from recovery.language.javascript import parts
from recovery.triage.engine import evaluate
from recovery.triage.facts import OVERRIDE_DATES, own_numbers
from recovery.triage.free_text import written_facts
from recovery.triage.numbers import SPANS, Config, number_facts, with_config
from recovery.triage.roles import NOTE
from recovery.triage.shapes import Rulebook
from recovery.triage.verdict import Verdict

# Facts that a judgement cannot do without; every other fact has a documented default.
_NEEDED = ("hours", "log_given", "open_alerts", "alert_by_sign", "open_signs")
_PAST = ("last_pain", "low7_pain", "low_since48", "last_pain_site", "local_date")


class CannotReplayError(ValueError):
    """These stored facts cannot be judged; the text says why in one phrase."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The change to try: a rule book, and the numbers that replace the stored ones.

    `defaults` fill in missing facts. `phrases`: the danger words differ, so notes are read again. `derived`: names
    of derived facts, which are computed again even if an older rule book stored them.
    """

    rulebook: Rulebook
    numbers: Mapping[str, Any]
    defaults: Mapping[str, Any]
    derived: frozenset[str]
    phrases: bool


def change(now: Rulebook, tried: Rulebook, config: Config | None = None) -> Trial:
    """Return the trial of another rule book and a config, which must have passed validate_config."""
    content = with_config(tried.content, config)
    named = set(config or ()) | {name for key in SPANS if key in (config or {}) for name in SPANS[key]}
    numbers = number_facts(content)
    before = number_facts(now.content)
    return Trial(
        rulebook=tried,
        numbers={k: value for k, value in numbers.items() if k in named or before.get(k) != value},
        defaults={
            **numbers,
            **tried.blank.patient,
            **tried.blank.answers,
            **dict.fromkeys((*OVERRIDE_DATES, *_PAST)),
            "last_two_moods_low": False,
            "says_911": (),
            "says_doctor_now": (),
            "says_self_harm": (),
            "words_written": False,
            "heard_words": (),
        },
        derived=frozenset(tried.derived_by_name),
        phrases=tried.content["free_text"] != now.content["free_text"],
    )


def judge_again(
    stored: Mapping[str, Any], tried: Trial, own: Mapping[str, Any], written: Mapping[str, Any]
) -> tuple[Verdict, frozenset[str]]:
    """Return the verdict on stored facts, and the facts that were missing and got their default.

    `own`: the overrides of this patient, applied over the clinic's numbers as in build_facts. `written`: the
    answers, read only when the danger words changed. CannotReplayError when the stored facts cannot be judged.
    """
    if missing := [name for name in _NEEDED if name not in stored]:
        raise CannotReplayError(f"the stored facts lack {', '.join(missing)}")
    lacking = frozenset(tried.defaults.keys() - stored.keys())
    facts = {**tried.defaults, **stored} if lacking else dict(stored)
    for name in tried.derived & stored.keys():
        del facts[name]
    facts |= tried.numbers
    if tried.numbers:
        facts |= own_numbers(own, facts)
    if tried.phrases:
        lines = (facts["fever_threshold_f"], facts["fever_threshold_c"])
        facts |= written_facts(written, tried.rulebook.content["free_text"], lines)
    try:
        return evaluate(facts, tried.rulebook), lacking
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CannotReplayError(f"the stored facts do not fit this rule book ({type(error).__name__})") from error


def changed_911_rules(now: Rulebook, tried: Rulebook) -> Iterator[str]:
    """Yield one line for each 911 rule that is gone or may fire for fewer logs than now."""
    kept = {rule.id: rule for rule in tried.urgent if rule.tier == CALL_911}
    for rule in now.urgent:
        if rule.tier != CALL_911:
            continue
        if rule.id not in kept:
            yield f"{rule.id} is gone: {rule.plain}"
        elif not _covers(_meaning(kept[rule.id].when.tree, tried), _meaning(rule.when.tree, now)):
            yield f"{rule.id} has another condition: {kept[rule.id].when.text} (now: {rule.when.text})"
    of_notes = next(rule.id for rule in now.in_role(NOTE) if rule.tier == CALL_911)
    for words in _quieter_words(now.content["free_text"], tried.content["free_text"]):
        yield f"{of_notes} {words}"


# Marks that can clear a sign although its words are there.
_QUIETING = ("denial", "denial_list", "denied_after", "about", "worry", "mask", "past_before", "past_after")
_QUIETING_OTHERS = ("someone", "relative", "apart")


def _quieter_words(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line for each word of a 911 concept that is gone and each new word that can clear one."""
    keys = {row["key"] for row in before["concepts"] if row["tier"] == CALL_911}
    kept = {row["key"] for row in after["concepts"] if row["tier"] == CALL_911}
    for key in sorted(keys - kept):
        yield f"no longer knows the concept: {key}"
    languages = {language["language"]: language for language in after["languages"]}
    for old in before["languages"]:
        new = languages.get(old["language"], {"concepts": {}, "marks": {}, "lists": {}, "reviewed": False})
        for key in sorted(keys & kept):
            for written in sorted(set(old["concepts"].get(key, ())) - set(new["concepts"].get(key, ()))):
                yield f"no longer knows the words: {written}"
        for kind in (*_QUIETING, *_QUIETING_OTHERS):
            for written in sorted(set(new["marks"].get(kind, ())) - set(old["marks"].get(kind, ()))):
                yield f"is quieted by more words ({kind}): {written}"
        if new["reviewed"] and not old["reviewed"]:
            yield f"is quieted by words of {old['language']} from now on"
    if after["negation_window_words"] > before["negation_window_words"]:
        yield "is quieted from farther away"


def _meaning(tree: Node, book: Rulebook) -> tuple[Node, frozenset[tuple[str, Node]]]:
    """Return a condition with the derived facts it depends on."""
    derived = {fact.name: fact.when.tree for fact in book.derived}
    found: dict[str, Node] = {}
    waiting = [tree]
    while waiting:
        for node in parts(waiting.pop()):
            if isinstance(node, Name) and node.name in derived and node.name not in found:
                found[node.name] = derived[node.name]
                waiting.append(derived[node.name])
    return tree, frozenset(found.items())


def _covers(new: tuple[Node, frozenset[Any]], old: tuple[Node, frozenset[Any]]) -> bool:
    """Return whether `new` is the same condition or adds cases to it, as in `old or something`."""
    return new[1] >= old[1] and old[0] in set(_alternatives(new[0]))


def _alternatives(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Binary) and node.op == "or":
        yield from _alternatives(node.left)
        yield from _alternatives(node.right)

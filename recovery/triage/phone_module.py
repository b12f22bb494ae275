"""Write the rule book for the phone: one JavaScript module with compiled conditions and only what it needs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from patients.tiers import ON_TRACK, TIERS, WATCH
from recovery.language.expression import Literal, Name
from recovery.language.javascript import HELPERS, helper, helper_of, literal, parts, to_javascript
from recovery.language.kinds import ACK_LEVELS
from recovery.triage.engine import MAX_MESSAGES, fever_words
from recovery.triage.facts import FACT_TYPES, FEVER_LINES, GRACE, MAX_GRACE_HOURS, OVERRIDE_DATES, read_fields
from recovery.triage.numbers import SPANS, number_facts
from recovery.triage.past import SETTLED_HOURS, WEEK_HOURS
from recovery.triage.shapes import LatchRule, NoticeRule, Rule, Rulebook, Sign, Variant, When
from recovery.triage.vocabulary import latch_facts

_HEAD = """\
// Written by `bin/manage check_rules --write-js` from recovery/triage/rulebook/. Change the rule book, not this.
"""
# No word and no pattern holds one: free_text.js splits at it.
APART = ";"
_TYPE = "/** @type {RuleBook} */\n"


def phone_module(rulebook: Rulebook) -> str:
    """Return the text of static/js/rulebook.js; the same rule book always gives the same text."""
    body = _Module(rulebook).text()
    return f"{_HEAD}{body}"


def facts_asked(rulebook: Rulebook) -> frozenset[str]:
    """Return the facts that the conditions of the phone's module use; a phone needs no others."""
    module = _Module(rulebook)
    module.text()
    return frozenset(module.names)


class _Module:
    """Emits every condition once and remembers which facts and helpers the conditions use."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.book = rulebook
        self.own = frozenset(latch_facts())
        self.names: set[str] = set()
        self.helpers: set[str] = set()

    def text(self) -> str:
        book = self.book
        judged = {
            "derive": "f=>{\n"
            + "".join(f"f.{fact.name}={self.source(fact.when)};\n" for fact in book.derived)
            + "}",
            "urgent": _rows(map(self.rule, book.urgent)),
            "latch": _rows(map(self.latch, book.latch)),
            WATCH: _rows(map(self.rule, book.watch)),
            "watchGuard": self.arrow(book.watch_guard),
            "notices": _rows(map(self.notice, book.notices)),
            "noticeGuard": self.arrow(book.notice_guard),
            "priorities": _rows(f"[{_data(row.id)},{self.arrow(row.when)}]" for row in book.priorities),
            "signs": "{\n"
            + "".join(f"{_data(key)}:{self.sign(sign)},\n" for key, sign in book.signs.items())
            + "}",
        }
        known = {"hash": _data(book.hash), **self.given(), **judged}
        helpers = "".join(helper(name) for name in HELPERS if name in self.helpers)
        members = "".join(f"{key}:{value},\n" for key, value in known.items())
        return f"{helpers}{_TYPE}export const rulebook={{\n{members}}};\n"

    def arrow(self, when: When, *, of_alert: bool = False) -> str:
        return f"{'(f,a)' if of_alert else 'f'}=>{self.source(when, of_alert=of_alert)}"

    def source(self, when: When, *, of_alert: bool = False) -> str:
        own = self.own if of_alert else frozenset()
        for node in parts(when.tree):
            if isinstance(node, Name) and node.name not in own:
                self.names.add(node.name)
            if helper := helper_of(node):
                self.helpers.add(helper)
        return to_javascript(when.tree, own)

    def rule(self, rule: Rule) -> str:
        texts = _texts(rule)
        if rule.any_hour:
            texts["anyHour"] = "true"
        if rule.role:
            texts["role"] = _data(rule.role)
        if rule.variants:
            texts["variants"] = f"[{','.join(self.variant(variant, rule) for variant in rule.variants)}]"
        return _object(
            {"id": _data(rule.id), "tier": _data(rule.tier), "sign": _data(rule.sign), **texts},
            self.arrow(rule.when),
        )

    def variant(self, variant: Variant, rule: Rule) -> str:
        """Emit only what differs from the variant's rule."""
        fired = variant.fired
        fields = {"message": _data(fired.message)}
        if fired.tier != rule.tier:
            fields["tier"] = _data(fired.tier)
        if fired.specificity != rule.specificity:
            fields["specificity"] = literal(fired.specificity)
        if fired.er_now:
            fields["er_now"] = "true"
        return _object(fields, self.arrow(variant.when))

    def latch(self, rule: LatchRule) -> str:
        levels = ",".join(
            _object(
                {"tier": _data(level.tier), **({"message": _data(level.message)} if level.message else {})},
                self.arrow(level.when, of_alert=True),
            )
            for level in rule.levels
        )
        fields = {"id": _data(rule.id), "each": _data(rule.each), **_texts(rule), "levels": f"[{levels}]"}
        return _object(fields, self.arrow(rule.when, of_alert=True))

    def notice(self, notice: NoticeRule) -> str:
        fields = {"id": notice.id, "text": notice.text, "sources": notice.sources}
        return _object({key: _data(value) for key, value in fields.items()}, self.arrow(notice.when))

    def sign(self, sign: Sign) -> str:
        """Emit a sign without conditions that never hold, the nurse's words, and sources (the rules have them)."""
        fields = {"tier": _data(sign.tier)}
        if sign.hard:
            fields["hard"] = "true"
        for name, when in (("fresh", sign.fresh), ("worse", sign.worse)):
            if when.tree != Literal(False):
                fields[name] = self.arrow(when)
        return _object(fields)

    def given(self) -> dict[str, str]:
        """Return the data that facts are made from, as far as conditions use it. Emit the conditions first."""
        content = self.book.content
        numbers = {name: value for name, value in number_facts(content).items() if name in self.names}
        return {
            "tiers": _data(TIERS),
            "maxMessages": _data(MAX_MESSAGES),
            "calm": _data({key: content[ON_TRACK][key] for key in ("id", "message", "message_unread", "sources")}),
            "numbers": _data(numbers),
            "spans": _data(SPANS),
            "feverWords": _data(fever_words(content["numbers"])),
            "facts": self.facts(numbers),
            "overrideDates": _data(OVERRIDE_DATES),
            "lowerOnly": _data(FEVER_LINES),
            "atMost": _data({GRACE: MAX_GRACE_HOURS}),
            "ackLevels": _data(ACK_LEVELS),
            "weekHours": _data(WEEK_HOURS),
            "settledHours": _data(SETTLED_HOURS),
            "missedLog": _data(content["missed_log"]),
            "freeText": _data(_packed(content["free_text"])),
            "fallbackMinutes": _data(content["fallback_minutes"]),
        }

    def facts(self, numbers: Mapping[str, Any]) -> str:
        """Return a function from patient `p`, log `g` and numbers `n` to the facts, written out for speed."""
        content = self.book.content
        table = dict.fromkeys(sorted(self.names | {"open_alerts", "alert_by_sign"}), "null")
        table |= {name: f"n.{name}" for name in numbers}
        for field in content["patient"]:
            if field["name"] in self.names and field["type"] in FACT_TYPES:
                table[field["name"]] = f"p.{field['name']}??{_data(field['default'])}"
        for field in read_fields(content):
            if field["code"] in self.names:
                table[field["code"]] = f"g.{field['code']}??{_data(field.get('default'))}"
        return "(p,g,n)=>({\n" + "".join(f"{name}:{source},\n" for name, source in table.items()) + "})"


def _texts(rule: Rule | LatchRule) -> dict[str, str]:
    return {
        "message": _data(rule.message),
        "sources": _data(rule.sources),
        "defaults": _data(rule.defaults),
        "specificity": literal(rule.specificity),
    }


def _object(fields: Mapping[str, str], when: str | None = None) -> str:
    shown = {**fields, "when": when} if when else fields
    return "{" + ",".join(f"{key}:{value}" for key, value in shown.items()) + "}"


def _rows(rows: Iterable[str]) -> str:
    return "[\n" + "".join(f"{row},\n" for row in rows) + "]"


def _data(value: Any) -> str:
    return json.dumps(_whole(value), separators=(",", ":"))


def _packed(free_text: Mapping[str, Any]) -> dict[str, Any]:
    """Return the words of danger with each list as one string, a semicolon between its entries."""

    def packed(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: packed(inner) for key, inner in value.items()}
        return APART.join(value) if isinstance(value, list | tuple) else value

    return {**free_text, "languages": [packed(row) for row in free_text["languages"]]}


def _whole(value: Any) -> Any:
    """Return the value with 38.0 written as 38: the same number in JavaScript, and shorter."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _whole(inner) for key, inner in value.items()}
    return [_whole(inner) for inner in value] if isinstance(value, list | tuple) else value

"""The rule book in memory: the classes that the files of rulebook/ are compiled into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recovery.language.expression import Node
from recovery.language.python import Condition
from recovery.triage.verdict import Fired


@dataclass(frozen=True, slots=True)
class When:
    """One condition as text, as a tree (to emit JavaScript), and as a compiled function."""

    text: str
    tree: Node
    holds: Condition


@dataclass(frozen=True, slots=True)
class Hint:
    when: When
    text: str


@dataclass(frozen=True, slots=True)
class Variant:
    """What a rule returns instead while this condition holds: other words, and perhaps another tier."""

    when: When
    fired: Fired


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `plain` is the wording for clinicians, `message` for the patient, `reason` for the nurse."""

    id: str
    tier: str
    sign: str
    plain: str
    when: When
    message: str
    reason: str
    sources: tuple[str, ...]
    defaults: tuple[str, ...]
    specificity: int
    hints: tuple[Hint, ...]
    any_hour: bool
    # The name by which code finds the rule (roles.py), and the function of its reason (reasons.py); or empty.
    role: str
    reason_from: str
    # The result when it fires without a variant or a hint.
    fired: Fired
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """`message` is None when the rule's own message applies."""

    tier: str
    when: When
    message: str | None = None


@dataclass(frozen=True, slots=True)
class LatchRule:
    """A rule over open alerts: `each` is "open_alert" or "present_sign"; the first level that holds counts."""

    id: str
    each: str
    plain: str
    when: When
    levels: tuple[Level, ...]
    message: str
    reason: str
    sources: tuple[str, ...]
    defaults: tuple[str, ...]
    specificity: int


@dataclass(frozen=True, slots=True)
class Sign:
    key: str
    label: str
    tier: str
    # Hours after a talk within which the patient must be examined in person; None when a talk is enough.
    seen_within_hours: int | None
    fresh: When
    worse: When
    snapshot: tuple[tuple[str, When], ...]
    sources: tuple[str, ...]

    @property
    def hard(self) -> bool:
        """Return whether only an examination in person lowers the sign."""
        return self.seen_within_hours is not None


@dataclass(frozen=True, slots=True)
class NoticeRule:
    id: str
    plain: str
    when: When
    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriorityRule:
    id: str
    plain: str
    when: When


@dataclass(frozen=True, slots=True)
class DerivedFact:
    name: str
    meaning: str
    when: When


@dataclass(frozen=True, slots=True)
class Calm:
    """The message when no rule fired."""

    id: str
    message: str
    # The message when the patient also wrote words, which staff have not read yet.
    message_unread: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Blank:
    """The defaults for missing input: a value for each fact of the patient record and for each question.

    `sets` names the fields that hold several codes.
    """

    patient: Mapping[str, Any]
    answers: Mapping[str, Any]
    sets: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything the engine needs. `content` is the files as read; `hash` is the SHA-256 of that content.

    `urgent_hold` runs all conditions of `urgent` in one call and returns a tuple of their results. `watch_hold`,
    `notices_hold` and `priorities_hold` do the same.
    """

    hash: str
    blank: Blank
    derived: tuple[DerivedFact, ...]
    derived_by_name: Mapping[str, Condition]
    urgent: tuple[Rule, ...]
    urgent_hold: Condition
    latch: tuple[LatchRule, ...]
    watch: tuple[Rule, ...]
    watch_hold: Condition
    watch_guard: When
    notices: tuple[NoticeRule, ...]
    notices_hold: Condition
    notice_guard: When
    priorities: tuple[PriorityRule, ...]
    priorities_hold: Condition
    signs: Mapping[str, Sign]
    hard_signs: frozenset[str]
    calm: Calm
    content: Mapping[str, Any]

    def in_role(self, role: str) -> tuple[Rule, ...]:
        """Return the rules with this role (roles.py)."""
        return tuple(rule for rule in (*self.urgent, *self.watch) if rule.role == role)

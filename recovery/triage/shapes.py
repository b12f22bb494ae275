"""The rule book in memory: what each file of rulebook/ becomes once it is read and compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recovery.language.expression import Node
from recovery.language.python import Condition
from recovery.triage.verdict import Fired


@dataclass(frozen=True, slots=True)
class When:
    """One condition: as written, as a tree (for other emitters), and as a function."""

    text: str
    tree: Node
    holds: Condition


@dataclass(frozen=True, slots=True)
class Hint:
    when: When
    text: str


@dataclass(frozen=True, slots=True)
class Variant:
    """What a rule answers instead while this holds: other words, and perhaps another tier."""

    when: When
    fired: Fired


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a tier: `plain` is the clinicians' wording, `message` the patient's, `reason` the nurse's."""

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
    # What the product asks of it by name (roles.py), and where its reason gets its values (reasons.py); or empty.
    role: str
    reason_from: str
    # What it answers when it fires, no variant holds and no hint applies.
    fired: Fired
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """`message` is null where the rule's own is meant."""

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
    # After a talk it must be examined in person within so many hours; None: a talk is enough.
    seen_within_hours: int | None
    fresh: When
    worse: When
    snapshot: tuple[tuple[str, When], ...]
    sources: tuple[str, ...]

    @property
    def hard(self) -> bool:
        """Only an examination in person lowers it."""
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
    """What is said when no rule fired."""

    id: str
    message: str
    # With words of the patient's own, which nobody has read yet.
    message_unread: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Blank:
    """What stands for everything left out: a value for each fact of the patient record and for each question.

    `sets` names those of either that hold several codes.
    """

    patient: Mapping[str, Any]
    answers: Mapping[str, Any]
    sets: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything the evaluator needs. `content` is the files as read; `hash` is the SHA-256 of that content.

    `urgent_hold` asks all conditions of `urgent` in one call: a tuple of what each answers. So the other three.
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
        """The rules that code asks for by this name (roles.py)."""
        return tuple(rule for rule in (*self.urgent, *self.watch) if rule.role == role)

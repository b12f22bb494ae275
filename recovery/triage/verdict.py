"""The result of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that fired: for the patient (`message`), for the nurse (`reason`), for the record (`sources`).

    er_now: the message sends the patient to the ER at once (DF-47).
    """

    id: str
    tier: str
    sources: tuple[str, ...]
    defaults: tuple[str, ...]
    message: str
    reason: str
    signs: tuple[str, ...]
    specificity: int
    er_now: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A text for the patient and the rule it comes from."""

    rule: str
    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    id: str
    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignNow:
    """A sign to raise or refresh. `worse`: worse than in its open alert; `fresh`: no acknowledgement lowers it.

    er_now: the patient was sent to the ER at once for it (DF-47). reason: the text for the nurse.
    """

    key: str
    tier: str
    worse: bool
    fresh: bool
    snapshot: Mapping[str, Any]
    er_now: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One judgement. `fired` is in rule-book order; `messages` are at most two, of the top tier.

    problems: unreadable overrides and settings, which this judgement ignored.
    """

    tier: str
    fired: tuple[Fired, ...]
    notices: tuple[Notice, ...]
    nurse_priority: str | None
    messages: tuple[Message, ...]
    signs: tuple[SignNow, ...]
    rulebook_hash: str
    facts: Mapping[str, Any]
    problems: tuple[str, ...] = ()

"""When a question is shown: the server decides who gets it, the style sheet after which answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from patients.models import Caregiver, Procedure
from recovery.triage.asking import Asking, asking
from recovery.triage.rulebook import questions
from recovery.triage.rulebook.files import read_content
from recovery.triage.vocabulary import raw_facts

ICE_HOURS = 72
EARLY_HOURS = 336


@dataclass(frozen=True)
class Asked:
    """The facts that decide which questions a person gets; people with the same facts get the same page.

    ice_time: before 72 hours; early: before 336; by_helper: a helper answers; has_helper: one is linked;
    at_desk: a nurse reads the questions aloud.
    """

    ice_time: bool = True
    early: bool = True
    brace: bool = False
    thinner_held: bool = False
    meds_on_hold: bool = False
    opioid: bool = False
    dressing_removed: bool = False
    breath_usual: bool = False
    leg_on_file: bool = False
    by_helper: bool = False
    has_helper: bool = False
    temp_unit: str = "F"
    # The patient's first name while a helper answers.
    helped: str = ""
    at_desk: bool = False


def asked_of(procedure: Procedure, helper: Caregiver | None, has_helper: bool, now: datetime) -> Asked:
    """Return the facts of one recovery at this moment; its patient must be loaded."""
    hours = (now - procedure.ended_at).total_seconds() / 3600
    return Asked(
        ice_time=hours < ICE_HOURS,
        early=hours < EARLY_HOURS,
        brace=procedure.brace_prescribed,
        thinner_held=procedure.blood_thinner_held,
        meds_on_hold=bool(procedure.meds_on_hold),
        opioid=procedure.opioid_prescribed,
        dressing_removed=procedure.dressing_removed_at is not None,
        breath_usual="breath_usual" in procedure.baseline_symptoms,
        leg_on_file="leg_paralysis" in procedure.baseline_symptoms,
        by_helper=helper is not None,
        has_helper=has_helper,
        temp_unit=procedure.patient.temp_unit,
        helped=procedure.patient.first_name if helper else "",
    )


ANYTHING_ELSE = "anything_else"
ADD_MORE = "add_more"


def is_asked(field: Mapping[str, Any], asked: Asked) -> bool:
    """Return whether this person gets this question at all."""
    return bool(show_when(field).who(vars(asked)))


def from_the_start(field: Mapping[str, Any], asked: Asked) -> bool:
    """Return whether this person sees at once a question that usually follows an answer."""
    return bool(show_when(field).at_once(vars(asked)))


@cache
def fields() -> tuple[Mapping[str, Any], ...]:
    """Return every question of the log, in order."""
    return tuple(field for group in questions() for field in group["fields"])


@cache
def by_code() -> Mapping[str, Mapping[str, Any]]:
    """Return every question by its code."""
    return {field["code"]: field for field in fields()}


@cache
def _asking() -> Mapping[str, Asking]:
    facts = raw_facts(read_content())
    return {code: asking(field, by_code(), facts) for code, field in by_code().items()}


def show_when(field: Mapping[str, Any]) -> Asking:
    """Return when this question is shown."""
    return _asking()[field["code"]]


def calm(field: Mapping[str, Any]) -> str:
    """Return the calm answer of a list item, its default."""
    return str(field.get("default") or "")


def worrying(field: Mapping[str, Any]) -> list[str]:
    """Return the answers of a list item except its calm one."""
    return [value["code"] for value in field.get("values", ()) if value["code"] != calm(field)]


def is_tick(field: Mapping[str, Any]) -> bool:
    """Return whether an item has only one answer besides the calm one, so that one tap is enough."""
    return bool(show_when(field).item_of) and field["type"] == "enum" and len(worrying(field)) == 1

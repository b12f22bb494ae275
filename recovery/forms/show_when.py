"""When a question is shown: who is asked it at all (the server decides), and after which answers (CSS decides)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from patients.models import Caregiver, Procedure
from recovery.triage.rulebook import questions

ICE_HOURS = 72
EARLY_HOURS = 336


@dataclass(frozen=True)
class Asked:
    """What decides which questions somebody gets; people with the same facts get the same page.

    ice_time: before 72 hours; early: before 336; by_helper: a helper answers; has_helper: one is linked.
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


def asked_of(procedure: Procedure, helper: Caregiver | None, has_helper: bool, now: datetime) -> Asked:
    """The facts of one recovery at this moment, with its patient loaded."""
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
    )


@dataclass(frozen=True)
class Given:
    """Some answer of a question was given; no values: anything typed."""

    code: str
    values: tuple[str, ...] = ()


def _everyone(asked: Asked) -> bool:
    return True


@dataclass(frozen=True)
class ShowWhen:
    """any_of: shown when one holds; all_of: shown when all hold; item_of: the list it is an item of."""

    who: Callable[[Asked], bool] = _everyone
    any_of: tuple[Given, ...] = ()
    all_of: tuple[Given, ...] = ()
    item_of: str = ""

    @property
    def always(self) -> bool:
        """Shown to everyone asked, whatever was answered before."""
        return not (self.any_of or self.all_of or self.item_of)


NOT_ZERO = tuple(str(n) for n in range(1, 11))
HAS_CHANGED = ("leak", "cannot_pee")
PILLS = ("acetaminophen", "nsaid", "opioid", "opioid_acetaminophen", "other")
STRONG = Given("pain_meds", ("opioid", "opioid_acetaminophen"))
ANYTHING_ELSE = "anything_else"
ADD_MORE = "add_more"

# Keyed by the question's own show_if words: a new wording without a meaning here is refused by a test.
SHOW_WHEN: Mapping[str, ShowWhen] = {
    "always": ShowWhen(),
    "always (chips)": ShowWhen(),
    "always (chips; None is one tap)": ShowWhen(),
    "optional": ShowWhen(),
    "always visible, optional; asked for when fever_feel != no": ShowWhen(),
    "em_gate list item": ShowWhen(item_of="em_gate"),
    "em_gate list item; 'usual' is offered only when the clinic recorded breath_usual in baseline_symptoms": (
        ShowWhen(item_of="em_gate")
    ),
    "logged_by = caregiver; item in the em_gate list": ShowWhen(
        lambda asked: asked.by_helper or asked.has_helper,
        any_of=(Given("logged_by", ("caregiver",)),),
        item_of="em_gate",
    ),
    "em_leg_move in (one_cannot, both_cannot)": ShowWhen(
        any_of=(Given("em_leg_move", ("one_cannot", "both_cannot")),)
    ),
    "nerve_gate list item": ShowWhen(item_of="nerve_gate"),
    "numb = yes": ShowWhen(any_of=(Given("numb", ("yes",)),)),
    "weak = yes": ShowWhen(any_of=(Given("weak", ("yes",)),)),
    "weak = yes and legs in weak_where": ShowWhen(
        all_of=(Given("weak", ("yes",)), Given("weak_where", ("legs",)))
    ),
    "spread_pain = yes": ShowWhen(any_of=(Given("spread_pain", ("yes",)),)),
    "bladder != none": ShowWhen(any_of=(Given("bladder", HAS_CHANGED),)),
    "bowel != none": ShowWhen(any_of=(Given("bowel", ("leak",)),)),
    "site_gate list item": ShowWhen(item_of="site_gate"),
    "site_gate list item; hidden after clinic marks dressing removed": ShowWhen(
        lambda asked: not asked.dressing_removed, item_of="site_gate"
    ),
    "temp_value filled; pre-set to the patient's usual unit": ShowWhen(any_of=(Given("temp_value"),)),
    "pain_site >= 1": ShowWhen(any_of=(Given("pain_site", NOT_ZERO),)),
    "'Anything else?' list item": ShowWhen(item_of=ANYTHING_ELSE),
    "'Anything else?' list item; hours < 336": ShowWhen(lambda asked: asked.early, item_of=ANYTHING_ELSE),
    "'Add more' drawer": ShowWhen(item_of=ADD_MORE),
    "fall != none": ShowWhen(any_of=(Given("fall", ("fell_ok", "fell_hurt")),)),
    "patient.brace_prescribed": ShowWhen(lambda asked: asked.brace),
    "hours < 72 and pain_site >= 1": ShowWhen(
        lambda asked: asked.ice_time, any_of=(Given("pain_site", NOT_ZERO),)
    ),
    "ice_sessions >= 1": ShowWhen(lambda asked: asked.ice_time, any_of=(Given("ice_sessions"),)),
    "acetaminophen or opioid_acetaminophen in pain_meds": ShowWhen(
        any_of=(Given("pain_meds", ("acetaminophen", "opioid_acetaminophen")),)
    ),
    # With a strong pill prescribed the question is there from the start.
    "opioid or opioid_acetaminophen in pain_meds, or patient.opioid_prescribed": ShowWhen(any_of=(STRONG,)),
    "pain_meds not in (empty, none)": ShowWhen(any_of=(Given("pain_meds", PILLS),)),
    "patient.blood_thinner_held": ShowWhen(lambda asked: asked.thinner_held),
    "patient.meds_on_hold and hours < 336": ShowWhen(lambda asked: asked.meds_on_hold and asked.early),
    # Asked on the advice page, after the log is stored and judged.
    "a concept is found in notes or question_for_team and its own question is answered no": ShowWhen(
        lambda asked: False
    ),
    "shown only when a helper is linked to the account": ShowWhen(
        lambda asked: asked.has_helper and not asked.by_helper
    ),
}


def from_the_start(field: Mapping[str, Any], asked: Asked) -> bool:
    """Is a question that usually follows an answer shown to this person at once?"""
    if field["code"] == "opioid_hours_since":
        return asked.opioid
    return field["code"] == "em_hard_to_wake" and asked.by_helper


@cache
def fields() -> tuple[Mapping[str, Any], ...]:
    """Every question of the log, in order."""
    return tuple(field for group in questions() for field in group["fields"])


@cache
def by_code() -> Mapping[str, Mapping[str, Any]]:
    """Every question by its code."""
    return {field["code"]: field for field in fields()}


def show_when(field: Mapping[str, Any]) -> ShowWhen:
    """When this question is shown; KeyError for a wording nobody gave a meaning."""
    return SHOW_WHEN[field["show_if"]]


def calm(field: Mapping[str, Any]) -> str:
    """The answer of a list item that means nothing is wrong: its default."""
    return str(field.get("default") or "")


def worrying(field: Mapping[str, Any]) -> list[str]:
    """The answers of a list item that are not its calm one."""
    return [value["code"] for value in field.get("values", ()) if value["code"] != calm(field)]


def is_tick(field: Mapping[str, Any]) -> bool:
    """An item with only one answer besides the calm one: one tap says it all."""
    return bool(show_when(field).item_of) and field["type"] == "enum" and len(worrying(field)) == 1

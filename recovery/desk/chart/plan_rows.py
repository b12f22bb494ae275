"""The plan on the chart: each step in words, and the form that holds or clears it in place."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from patients.forms.override_values import Bounds
from patients.forms.overrides import FORMS, UNTIL_CLEARED, OverrideForm, UntilForm
from patients.models import ClinicOverride, Staff
from patients.permissions import Permission, may
from patients.templatetags.kypho import day_and_clock, in_zone
from recovery.desk.chart.chart_query import Chart
from recovery.desk.desk_words import REASONS
from recovery.plan.book import default_book
from recovery.selectors.today import MilestoneCard

# What a gate of the plan asks, and the setting of one patient that answers it.
SET_BY = {
    "no_drive_until": ClinicOverride.Key.NO_DRIVE_UNTIL,
    "no_work_until": ClinicOverride.Key.NO_WORK_UNTIL,
    "heavy_cleared": ClinicOverride.Key.HEAVY_CLEARED,
    "hard_exercise_not_cleared": ClinicOverride.Key.STRENUOUS_CLEARED,
}
STATUS_WORDS = {
    "not_yet": "Not yet",
    "active": "In force",
    "reached": "Allowed",
    "ask_first": "Ask first",
    "withheld": "Held back",
    "ended": "Over",
}


@dataclass(frozen=True)
class PlanRow:
    """One milestone for staff."""

    card: MilestoneCard
    status: str
    # The reasons of its status, when its note was sent, and when one is due.
    why: str
    # It is held, or the patient must ask first.
    now: bool
    # Holds or clears this step; None when no setting does, or this person may not.
    form: OverrideForm | None
    # The id of the setting that the form shows; 0 for none.
    seen: int = 0


def plan_row(found: Chart, staff: Staff, card: MilestoneCard) -> PlanRow:
    """Return one step in words, with the form for this person."""
    zone = found.patient.timezone
    words = [", ".join(REASONS.get(code, code.replace("_", " ")) for code in card.reasons)]
    if told := found.told.get(card.key):
        words.append(f"note sent {day_and_clock(in_zone(told, zone))}")
    # A patient in the hospital gets no notes.
    if card.due_at and card.status != "ended" and not found.known.stay:
        due = "now" if card.due_at <= found.now else day_and_clock(in_zone(card.due_at, zone))
        words.append(f"note due {due}")
    now = card.status in ("withheld", "ask_first")
    why = "; ".join(filter(None, words))
    form = _form(found, staff, card)
    seen = next((row.pk for row in found.holds if form and row.key == form.key), 0)
    return PlanRow(card, STATUS_WORDS.get(card.status, card.status), why, now, form, seen)


def _form(found: Chart, staff: Staff, card: MilestoneCard) -> OverrideForm | None:
    """Return the form of the setting that this step asks for; it holds a step until the clinic clears it."""
    asked = {gate.test for gate in default_book().entry(card.key).gates}
    key = next((str(key) for test, key in SET_BY.items() if test in asked), "")
    if not key or found.procedure is None or card.status == "ended":
        return None
    kind = FORMS[key]
    if kind.clearance and not may(staff, Permission.LIFT_LIMITS):
        return None
    live = next((row.value for row in found.holds if row.key == key), None)
    start = UNTIL_CLEARED if live is None and issubclass(kind, UntilForm) else live
    bounds = Bounds(found.procedure, ZoneInfo(found.patient.timezone), found.now)
    return kind(bounds=bounds, initial={"value": start} if start else {})

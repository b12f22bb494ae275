"""What stands on the chart's time axis: the readings of each log, and what happened, oldest first."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from alerts.models import Alert
from patients.models import Procedure
from patients.templatetags.kypho import tier_label
from patients.tiers import CALL_911, CALL_DOCTOR_NOW, ON_TRACK, WATCH
from recovery.desk.chart.reading import PAINS, WALKS, Event, Reading
from recovery.models import DailyLog, PatientContact
from recovery.wording.log_words import back_pain

# The colour of a mark on the axis (desk.css).
COLOURS = {CALL_911: "c911", CALL_DOCTOR_NOW: "cnow", WATCH: "cwatch", ON_TRACK: ""}
COMING = "gap"
SPOKE = {"contacted": "Contact", "evaluated": "Examined"}


def readings(logs: Iterable[DailyLog]) -> list[Reading]:
    """Return the readings of logs, oldest first by the time they are about."""
    return sorted((reading(log) for log in logs), key=lambda one: one.at)


def reading(log: DailyLog) -> Reading:
    """Return the readings of one log."""
    told = log.answers
    walk = told.get("walk_level")
    return Reading(
        at=log.happened_at,
        pains=tuple(told.get(code) for code, _, _ in PAINS),
        back=back_pain(told),
        temp_f=in_fahrenheit(told),
        walk=WALKS.index(walk) if walk in WALKS else None,
        medicine=frozenset(told.get("pain_meds") or ()),
    )


def in_fahrenheit(answers: dict[str, Any]) -> float | None:
    """Return a log's temperature in degrees Fahrenheit, to a tenth; None when it has none."""
    value = answers.get("temp_value")
    if value is None:
        return None
    return round(value * 9 / 5 + 32, 1) if answers.get("temp_unit") == "C" else round(float(value), 1)


def events(
    procedure: Procedure,
    alerts: Sequence[Alert],
    contacts: Sequence[PatientContact],
    told: dict[str, datetime],
    in_hospital_since: datetime | None,
) -> list[Event]:
    """Return what happened in this recovery, and its next visit, oldest first.

    told: when the note of each step left, by its title.
    """
    found = [Event(procedure.ended_at, "Procedure")]
    found += [Event(one.opened_at, tier_label(one.tier), COLOURS.get(one.tier, "")) for one in alerts]
    found += [
        Event(event.at, SPOKE[event.what]) for one in alerts for event in one.events.all() if event.what in SPOKE
    ]
    found += [Event(one.at, SPOKE[one.kind]) for one in contacts if one.kind in SPOKE]
    found += [Event(at, title) for title, at in told.items()]
    if in_hospital_since:
        found.append(Event(in_hospital_since, "In hospital", "cwatch"))
    if procedure.next_visit_at:
        found.append(Event(procedure.next_visit_at, "Visit", COMING))
    return sorted((one for one in found if one.at >= procedure.ended_at), key=lambda one: one.at)

"""The people somebody may answer for, as cards: who they are, and whether an urgent alert is open."""

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.models import Alert
from alerts.states import ACTIVE
from patients.models import Patient
from patients.scoping import rows_of
from patients.tiers import CALL_911, URGENT


@dataclass(frozen=True)
class Person:
    """One card. tier: of the open urgent alert, or empty; answered: somebody of the clinic has it."""

    patient: Patient
    tier: str = ""
    answered: bool = False


def people_cards(people: Iterable[Patient]) -> list[Person]:
    """By first name, with the most urgent open alert of each, in one statement."""
    known = sorted(people, key=lambda person: (person.first_name, person.pk))
    alerts: dict[int, Alert] = {}
    for alert in rows_of(Alert, patient=[person.pk for person in known]).filter(state__in=ACTIVE, tier__in=URGENT):
        held = alerts.get(alert.patient_id)
        if held is None or alert.tier == CALL_911:
            alerts[alert.patient_id] = alert
    return [_person(patient, alerts.get(patient.pk)) for patient in known]


def _person(patient: Patient, alert: Alert | None) -> Person:
    if alert is None:
        return Person(patient)
    return Person(patient, alert.tier, alert.state == Alert.State.ACKED)

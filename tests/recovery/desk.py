"""What tests of the desk do again and again."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from alerts.models import Alert
from patients.models import Patient, Procedure
from tests.patients.pages import text
from tests.people import Cast, make_patient, make_procedure
from tests.recovery.conftest import Send

WORKLIST, ROWS = "/desk/", "/desk/rows/"


def alert_of(patient: Patient) -> Alert:
    """The one active alert of a patient."""
    return Alert.objects.exclude(state="resolved").get(patient=patient)


def chart(patient: Patient) -> str:
    return f"/desk/patients/{patient.code}/"


def action(alert: Alert, name: str) -> str:
    return f"/desk/alerts/{alert.code}/{name}/"


def another(people: Cast, send: Send, first_name: str, changes: dict[str, Any] | None = None) -> Patient:
    """One more patient of the clinic, with a log when changes are given."""
    patient = make_patient(people.clinic, first_name)
    procedure: Procedure = make_procedure(patient)
    if changes is not None:
        send(changes, patient=patient, procedure=procedure, entered_by=patient.user)
    return patient


def in_order(client: Client, *names: str) -> bool:
    """Do these names stand on the worklist in this order?"""
    page = text(client.get(WORKLIST))
    places = [page.index(f">{name} ") for name in names]
    return places == sorted(places)


def clock_back(alert: Alert, minutes: int) -> None:
    """As if the alert had been waiting for that long."""
    Patient.all_clinics.filter(pk=alert.patient_id).update(
        waiting_since=timezone.now() - timedelta(minutes=minutes)
    )

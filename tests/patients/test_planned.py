"""A patient is enrolled before the procedure: they get ready, and nothing runs before its end is entered."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from alerts.models import Delivery
from patients.models import Patient, Procedure
from recovery.care_plan import refresh
from tests.patients.pages import signed_in, text
from tests.patients.test_enroll import ENROLL, local, minute
from tests.people import Cast


def planned(**changes: Any) -> dict[str, Any]:
    """What a nurse types about somebody whose procedure is in five days."""
    day = timezone.now() + timedelta(days=5)
    return minute(ended_at="", levels=[], planned_on=f"{day:%Y-%m-%d}", **changes)


def ines() -> Patient:
    return Patient.all_clinics.select_related("user").get(first_name="Ines")


def test_nothing_runs_before_the_end_is_entered(people: Cast) -> None:
    nurse = signed_in(people.nurse)
    assert nurse.post(ENROLL, planned()).status_code == 302
    patient = ines()
    assert not Procedure.objects.filter(patient=patient).exists()
    refresh.refresh_due(timezone.now() + timedelta(days=9))
    assert not Delivery.objects.filter(recipient=f"patient:{patient.pk}").exists()
    chart = f"/desk/patients/{patient.code}/"
    assert "The procedure is planned for" in text(nurse.get(chart))
    assert "planned for" in text(nurse.get("/desk/patients/"))
    assert "It is over: enter the end" in text(nurse.get(f"{chart}record/"))
    phone = signed_in(patient)
    assert "Getting ready for the procedure" in text(phone.get("/today/"))
    assert "Questions to ask" in text(phone.get("/learn/"))


def test_the_clock_starts_when_the_end_is_entered(people: Cast) -> None:
    nurse = signed_in(people.nurse)
    nurse.post(ENROLL, planned())
    patient = ines()
    record = f"/desk/patients/{patient.code}/record/?new=1"
    typed = minute(timezone=patient.timezone, seen="0")
    assert nurse.post(record, typed).status_code == 302
    patient.refresh_from_db()
    assert patient.planned_on is None
    assert Procedure.objects.get(patient=patient).levels == typed["levels"]
    assert "Getting ready" not in text(signed_in(patient).get("/today/"))


def test_a_planned_day_and_an_end_are_asked_apart(people: Cast) -> None:
    nurse = signed_in(people.nurse)
    both = text(nurse.post(ENROLL, planned() | {"ended_at": local()}))
    assert "Is it over or planned?" in both
    past = planned() | {"planned_on": f"{timezone.now() - timedelta(days=3):%Y-%m-%d}"}
    assert "This day is over." in text(nurse.post(ENROLL, past))
    far = f"{timezone.now() + timedelta(days=400):%Y-%m-%d}"
    assert "Is that right?" in text(nurse.post(ENROLL, planned() | {"planned_on": far}))
    assert nurse.post(ENROLL, planned() | {"planned_on": far, "sure_planned_on": far}).status_code == 302

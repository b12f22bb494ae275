"""A list that is cut says how many it leaves out and where they are, and shows the most urgent first."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Delivery, OnCallShift
from alerts.monitoring.second_route import contacts, refresh_contacts
from patients.models import AccessEvent, Staff
from recovery.desk.chart.chart_query import LOOKS
from recovery.desk.worklist import unread_words
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_clinic, make_staff
from tests.recovery.conftest import NUMB, Send
from tests.recovery.desk import WORKLIST, another, chart

ODD = {"notes": "The blue one again."}


@pytest.fixture
def nurse(people: Cast, settings: Any) -> Client:
    settings.STAFF_SECOND_FACTOR = False
    unread_words._kept.clear()
    return signed_in(people.nurse)


@pytest.mark.slow
def test_every_unread_note_is_on_the_list_and_the_urgent_patient_is_the_first(
    people: Cast, send: Send, nurse: Client
) -> None:
    for n in range(12):
        another(people, send, f"Calm{n:02}", ODD)
    another(people, send, "Urgent", {**NUMB, **ODD})
    page = text(nurse.get(WORKLIST))
    start = page.index("Notes nobody has read, most urgent first")
    line = page[start : page.index("</details>", start)]
    assert line.index("Urgent") < line.index("Calm00")
    assert all(f"Calm{n:02}" in line for n in range(12))
    assert "And 3 more" in line


def test_who_looked_says_how_many_are_left_out_and_shows_them(people: Cast, nurse: Client) -> None:
    now = timezone.now() - timedelta(hours=1)
    for n in range(LOOKS + 4):
        AccessEvent.objects.create(
            at=now + timedelta(seconds=n), actor=people.nurse.user, patient=people.patient, action=f"look {n:02}"
        )
    page = text(nurse.get(chart(people.patient)))
    assert "look 00" not in page
    assert "5 more older looks are not shown." in page
    assert 'href="?whole=1#looks"' in page
    assert "look 00" in text(nurse.get(chart(people.patient), {"whole": "1"}))


def test_given_up_messages_beyond_the_page_are_counted(people: Cast, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    now = timezone.now()
    for n in range(53):
        Delivery.objects.create(
            key=f"x{n}",
            channel="email",
            recipient=f"staff:{people.nurse.pk}",
            message="staff_alert",
            clinic=people.clinic,
            state="dead",
            created_at=now,
            due_at=now,
            send_by=now + timedelta(hours=1),
        )
    page = signed_in(people.manager).get("/desk/deliveries/")
    assert page.context["dead_left_out"] == 53 - len(page.context["dead"])
    assert f"{page.context['dead_left_out']} more given-up messages are not shown." in text(page)


def test_the_contact_file_has_people_of_every_clinic_before_the_second_of_one(
    people: Cast, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WATCHDOG_CONTACT_FILE = str(tmp_path / "contacts.json")
    monkeypatch.setattr("alerts.monitoring.second_route.MOST_CONTACTS", 3)
    for _ in range(3):
        make_staff(people.clinic, Staff.Role.MANAGER)
    late = make_staff(make_clinic(name="Late"), Staff.Role.MANAGER)
    refresh_contacts(timezone.now())
    assert late.user.email in contacts()["emails"]
    on_call = make_staff(people.clinic)
    moment = timezone.now()
    span = {"starts_at": moment - timedelta(hours=1), "ends_at": moment + timedelta(hours=1)}
    OnCallShift.objects.create(clinic=people.clinic, staff=on_call, **span)
    refresh_contacts(moment)
    assert contacts()["emails"][0] == on_call.user.email

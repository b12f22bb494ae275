"""After a copy was put back: what nurses read and confirm, what phones are told, and what is not sent."""

import json
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from alerts.integrity import epochs
from alerts.messaging.outbox import enqueue
from alerts.models import Delivery, Epoch, EpochCheck
from alerts.monitoring.sweep import beat, sweep
from patients.models import Patient, Staff
from recovery.care_plan import refresh, sending
from recovery.models import DailyLog, Reminder
from tests.patients import pages
from tests.people import Cast
from tests.recovery.conftest import CALM, NUMB
from tests.recovery.phone import user_of

BACKEND = "django.contrib.auth.backends.ModelBackend"
SENTENCE = "The records were restored from a backup"
BUTTON = "We have looked at what is missing"


@pytest.fixture(autouse=True)
def one_factor(settings: Any, tmp_path: Any) -> Iterator[None]:
    """The second factor has tests of its own; nothing this process knows of epochs stays."""
    settings.STAFF_SECOND_FACTOR, settings.DATA_DIR = False, tmp_path
    epochs.forget()
    yield
    epochs.forget()


def put_back(now: datetime | None = None, *, copied_at: datetime | None = None) -> Epoch:
    """A new epoch."""
    epochs.look()
    newest = Epoch.objects.latest("pk")
    made = epochs.begin(
        "operator", now or timezone.now(), here=epochs.where_we_are(), newest=newest, copied_at=copied_at
    )
    assert made
    return made


def desk(staff: Staff) -> Client:
    """A browser at the clinic."""
    client = Client()
    client.force_login(staff.user, backend=BACKEND)
    return client


def page(staff: Staff, address: str = "/desk/") -> str:
    """What this person reads."""
    return pages.text(desk(staff).get(address))


def test_nurses_read_from_when_on_something_may_be_missing_on_the_list_and_on_each_chart(people: Cast) -> None:
    chart = reverse("recovery:chart", args=[people.patient.code])
    assert SENTENCE not in page(people.nurse)
    now = timezone.now()
    # Wall times of Chicago, where the clinic is.
    put_back(now, copied_at=datetime(2026, 1, 10, 18, 3, tzinfo=now.tzinfo))
    for address in ("/desk/", "/desk/rows/", chart):
        text = page(people.nurse, address)
        assert SENTENCE in text
        assert "Sat Jan 10, 12:03" in text
        assert (BUTTON in text) == (address != chart)
    assert SENTENCE in page(people.other_nurse)


def test_a_physician_reads_it_and_can_not_confirm(people: Cast) -> None:
    epoch = put_back()
    text = page(people.physician)
    assert SENTENCE in text
    assert BUTTON not in text
    address = reverse("recovery:confirm_records", args=[epoch.code])
    assert desk(people.physician).post(address).status_code == 404
    assert not EpochCheck.objects.exists()


def test_one_confirmation_ends_it_for_the_clinic_with_name_and_time(people: Cast) -> None:
    epoch = put_back()
    address = reverse("recovery:confirm_records", args=[epoch.code])
    assert desk(people.nurse).get(address).status_code == 405
    answer = pages.text(desk(people.nurse).post(address, follow=True))
    assert "Written down: you looked at what is missing" in answer
    assert SENTENCE not in answer
    assert "Nora Staff has confirmed this already" in pages.text(desk(people.manager).post(address, follow=True))
    check = EpochCheck.objects.get()
    assert (check.staff, check.clinic, check.epoch) == (people.nurse, people.clinic, epoch)
    assert SENTENCE in page(people.other_nurse)


def test_an_epoch_that_is_none_can_not_be_confirmed(people: Cast) -> None:
    put_back()
    for code in (uuid.uuid4(), Epoch.objects.get(cause="first").code):
        address = reverse("recovery:confirm_records", args=[code])
        assert desk(people.nurse).post(address).status_code == 404


def test_while_nothing_was_put_back_the_list_asks_the_database_nothing_more(people: Cast) -> None:
    client = desk(people.nurse)
    epochs.look()
    client.get("/desk/")
    with CaptureQueriesContext(connection) as context:
        client.get("/desk/")
    assert not any("epoch" in query["sql"] for query in context)


def phone(people: Cast) -> Client:
    """The patient's."""
    client = Client()
    client.force_login(user_of(people.patient), backend=BACKEND)
    return client


def test_facts_and_the_answer_to_a_log_tell_the_epoch_and_the_newest_log(people: Cast) -> None:
    client = phone(people)
    put_back()
    assert client.get("/api/facts/").json()["last_received"] is None
    body = json.dumps({"client_id": str(uuid.uuid4()), "answers": CALM})
    told = client.post("/api/logs/", body, content_type="application/json").json()
    facts = client.get("/api/facts/").json()
    assert told["epoch"] == facts["epoch"] == str(Epoch.objects.latest("pk").code)
    assert told["person"] == facts["person"]
    assert datetime.fromisoformat(facts["last_received"]) == DailyLog.objects.get().received_at
    assert told["received_at"] == facts["last_received"]
    put_back()
    assert client.get("/api/facts/").json()["epoch"] != told["epoch"]


def test_the_mark_of_a_person_is_their_own_and_outlives_a_new_secret_key(people: Cast, settings: Any) -> None:
    helper = Client()
    helper.force_login(people.helper.user, backend=BACKEND)
    mine = phone(people).get("/api/facts/").json()["person"]
    assert helper.get("/api/facts/").json()["person"] != mine
    settings.SECRET_KEY = "another"
    assert phone(people).get("/api/facts/").json()["person"] == mine


def test_a_log_that_was_lost_and_comes_again_days_late_has_its_alert(people: Cast) -> None:
    put_back()
    at = timezone.now() - timedelta(days=1)
    body = {"client_id": str(uuid.uuid4()), "answers": {**CALM, **NUMB}, "answered_at": at.isoformat()}
    send = [phone(people).post("/api/logs/", json.dumps(body), content_type="application/json") for _ in range(2)]
    assert [answer.status_code for answer in send] == [201, 200]
    log = DailyLog.objects.get()
    assert (log.happened_at, log.assessment.tier) == (at, "call_doctor_now")
    assert log.assessment.alert


def test_notes_of_a_copy_that_is_days_old_do_not_go_out_in_a_burst(people: Cast) -> None:
    copied_at = people.procedure.ended_at + timedelta(days=1)
    Patient.all_clinics.filter(pk=people.patient.pk).update(plan_due_at=copied_at)
    refresh.refresh_due(copied_at)
    waiting = Reminder.objects.filter(state="pending")
    enqueue(
        key="note:old",
        channel="email",
        recipient=f"patient:{people.patient.pk}",
        message="patient_reminder",
        clinic_id=people.clinic.pk,
        now=copied_at,
        send_by=copied_at + sending.SEND_WITHIN,
    )
    assert waiting.count() >= 3
    # Three days later or a little more, at noon where the patient is: at whatever hour the test runs.
    now = copied_at + timedelta(days=3)
    now += timedelta(hours=(18 - now.hour) % 24)
    beat("tick:celery", {}, copied_at)
    put_back(now)
    for _ in range(3):
        sending.send_due(now)
        refresh.refresh_due(now)
        sweep(now)
    assert Delivery.objects.get(key="note:old").state == "dead"
    sent = Delivery.objects.filter(message="patient_reminder").exclude(key="note:old")
    assert sent.count() <= 1
    assert Reminder.objects.filter(state="dropped", due_at__lt=now - sending.TOO_LATE).count() >= 3
    assert not Reminder.objects.filter(state="pending", due_at__lt=now).exists()

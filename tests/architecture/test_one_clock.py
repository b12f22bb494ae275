"""One clock decides what is due: what the engine stores and compares is never a web machine's own time."""

import re
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.clock import db_now
from alerts.messaging.channels.twilio import signature
from alerts.models import Alert
from recovery.logs.read import read_log
from recovery.logs.submit import submit_log
from tests.alerts.steps import CHEST, fresh, raise_for
from tests.patients.pages import text
from tests.people import cast, make_mobile
from tests.recovery.conftest import NUMB

ROOT = Path(__file__).resolve().parents[2]
# Whatever a view hands on to be stored; pages may be drawn by any clock.
HANDED_ON = re.compile(r"\bnow=timezone\.now\(\)")


def test_no_view_of_alerts_or_logs_hands_on_its_own_clock() -> None:
    views = [path for app in ("alerts", "recovery") for path in (ROOT / app / "views").rglob("*.py")]
    assert [str(path.relative_to(ROOT)) for path in views if HANDED_ON.search(path.read_text())] == []


@pytest.mark.django_db
def test_a_patient_is_told_not_to_wait_though_the_web_machine_is_hours_behind(monkeypatch: Any) -> None:
    people, then = cast(), db_now() - timedelta(minutes=40)
    sent = {"answers": NUMB, "client_id": uuid.uuid4(), "answered_at": then, "now": then}
    user = people.patient.user
    assert user
    submit_log(read_log(patient=people.patient, procedure=people.procedure, entered_by=user, **sent))
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    right = told_now(browser)
    assert "Do not wait any longer." in right
    wrong: datetime = timezone.now() - timedelta(hours=3)
    monkeypatch.setattr(timezone, "now", lambda: wrong)
    assert told_now(browser) == right


def told_now(browser: Client) -> str:
    """What the patient reads of the alert."""
    return text(browser.get("/today/?part=told"))


@pytest.mark.django_db
def test_an_alert_taken_by_text_runs_out_in_time_though_the_web_machine_is_hours_ahead(
    settings: Any, monkeypatch: Any
) -> None:
    people, number = cast(), "+13125550111"
    make_mobile(people.nurse, number)
    alert = raise_for(people.patient, CHEST, now=db_now())
    Alert.objects.filter(pk=alert.pk).update(ack_code="482913")
    settings.SMS_TOKEN = "a token"  # noqa: S105 - made up
    fields = {"MessageSid": "SM1", "From": number, "Body": "482913"}
    signed = signature(f"{settings.BASE_URL}/hooks/sms/reply/", list(fields.items()), settings.SMS_TOKEN)
    wrong: datetime = timezone.now() + timedelta(hours=3)
    monkeypatch.setattr(timezone, "now", lambda: wrong)
    answer = Client().post(
        "/hooks/sms/reply/",
        data="&".join(f"{name}={value.replace('+', '%2B')}" for name, value in fields.items()),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signed},
    )
    assert answer.status_code == 200
    taken = fresh(alert)
    assert taken.state == Alert.State.ACKED
    assert taken.next_step_at
    assert taken.next_step_at <= db_now() + timedelta(minutes=10)

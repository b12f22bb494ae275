"""What leaves the clinic never says why."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.utils import translation

from alerts import lifecycle
from alerts.lifecycle import SignInput
from alerts.messaging import outbox
from alerts.messaging.channels.base import PermanentFailure
from alerts.messaging.channels.sms import NotSetUp, OutboxFolder, Sms
from alerts.messaging.message_texts import LINKS, render
from alerts.models import Delivery
from alerts.monitoring.sweep import sweep
from patients.models import User
from patients.values.languages import CODES
from tests.alerts.steps import minutes, raise_for
from tests.people import Cast, make_helper, make_mobile, make_patient, make_user

MARK = "ZEBRAMARK"
HEALTH_WORDS = ["pain", "fever", "numb", "911", "emergency", "symptom", "alert", "surgery", "procedure", "spine"]
HEALTH_WORDS += ["dolor", "fiebre", "dormid", "emergencia", "síntoma", "alerta", "cirugía", "columna"]


@pytest.fixture
def everything_sent(people: Cast, now: datetime, settings: Any, tmp_path: Path) -> str:
    """All texts of a whole story about one patient whose every word is marked."""
    settings.OUTBOX_DIR, settings.SMS_BACKEND = tmp_path, "alerts.messaging.channels.sms.OutboxFolder"
    make_mobile(people.manager, "+13125550111")
    patient = make_patient(people.clinic, f"Name{MARK}", last_name=MARK, mrn=MARK, birth_date=date(1951, 1, 1))
    sign = SignInput("em_chest_pain", "call_911", snapshot={"note": MARK})
    alert = raise_for(patient, sign, now=now)
    for at in (0, 3, 6, 10):
        sweep(now + minutes(at))
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now + minutes(11))
    lifecycle.hand_over(alert=alert, staff=people.nurse, to_staff=people.nurse2, note=MARK, now=now + minutes(12))
    for channel in ("email", "sms"):
        outbox.enqueue(
            key=f"note:{channel}",
            channel=channel,
            recipient=f"staff:{people.manager.pk}" if channel == "sms" else f"patient:{patient.pk}",
            message="patient_reminder",
            now=now,
            send_by=now + minutes(60),
        )
    sweep(now + minutes(13))
    mails = [str(message.message()) for message in mail.outbox]
    rows = [json.dumps(row.context) + row.key + row.recipient for row in Delivery.objects.all()]
    return "\n".join([*mails, *rows, *[path.read_text() for path in tmp_path.iterdir()]])


def test_no_word_about_a_patient_leaves_in_any_message(everything_sent: str) -> None:
    assert everything_sent.count("Please open") >= 10
    assert MARK not in everything_sent
    assert "chest" not in everything_sent


FIRST_PAGES = (
    "/desk/",
    "/desk/oncall/",
    "/desk/staff/",
    "/desk/rules/settings/",
    "/desk/me/contacts/",
    "/desk/jobs/",
    "/today/",
    "/my/turn/",
    "/my/reminders/",
    "/status/",
)


@pytest.mark.parametrize("language", CODES)
@pytest.mark.parametrize("message", LINKS)
def test_a_message_names_no_health_word_and_links_to_a_first_page(message: str, language: str) -> None:
    text = render(message, {"broken": []}, language=language)
    words = f"{text.subject} {text.body}".lower()
    assert [word for word in HEALTH_WORDS if word in words] == []
    assert f"http://testserver{LINKS[message]}" in text.body
    assert LINKS[message] in FIRST_PAGES
    assert "\n" not in text.subject


def test_each_reads_their_own_language_whoever_s_request_it_is(people: Cast, now: datetime) -> None:
    patient = make_patient(people.clinic, "Rosa")
    helper = make_helper(patient, user=make_user("ana@example.org"), may_be_alerted=True)
    User.objects.filter(pk=patient.user_id).update(language="es")
    for who in (f"patient:{patient.pk}", f"caregiver:{helper.pk}"):
        message = "patient_reminder" if who.startswith("patient") else "helper_alert"
        outbox.enqueue(
            key=who, channel="email", recipient=who, message=message, now=now, send_by=now + minutes(60)
        )
    with translation.override("es"):
        sweep(now + minutes(1))
    bodies = {one.to[0]: one.body for one in mail.outbox}
    assert bodies[patient.email].startswith("Tiene una nota de su equipo. Abra: http")
    assert bodies["ana@example.org"].startswith("Someone you help has a new note")


def test_an_unknown_message_is_an_error() -> None:
    with pytest.raises(KeyError):
        render("no_such_message", {})


def test_a_demo_sms_is_one_file_however_often_it_is_sent(settings: Any, tmp_path: Path) -> None:
    settings.OUTBOX_DIR, settings.SMS_BACKEND = tmp_path / "new", "alerts.messaging.channels.sms.OutboxFolder"
    first = Sms().send("+13125550111", "", "Please open", "key:1")
    assert OutboxFolder().send("+13125550111", "Please open", "key:1") == first
    (path,) = (tmp_path / "new").iterdir()
    assert json.loads(path.read_text())["text"] == "Please open"


def test_sms_that_is_not_set_up_fails_for_good() -> None:
    with pytest.raises(PermanentFailure, match="not set up"):
        NotSetUp().send("+13125550111", "Please open", "key:1")

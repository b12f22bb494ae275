"""Ways in that came with messages: names in mails, lines in logs, cells, answers sent twice."""

import csv
import inspect
import io
import logging
from datetime import datetime
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from alerts import lifecycle
from alerts.lifecycle.escalation import advance_due
from alerts.messaging.unreachable_staff import tell_managers
from alerts.models import Alert, SmsReply
from alerts.monitoring.sweep import sweep
from config.celery import app
from patients.models import User
from recovery.logs.texts import take_text
from tests.alerts.conftest import NOW, one_factor, people
from tests.alerts.steps import CHEST, fresh, minutes, raise_for
from tests.patients.pages import signed_in
from tests.people import Cast, make_mobile

__all__ = ["one_factor", "people"]
NORA = "+13125550111"


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.mark.parametrize(
    "name", ["Nora\r\nBcc: evil@example.org", "Nora\nSubject: x", "Nora\x0b\x85\u2028Bcc: evil@example.org"]
)
def test_a_name_with_line_ends_adds_no_header_to_a_mail(people: Cast, now: datetime, name: str) -> None:
    User.objects.filter(pk=people.nurse.user_id).update(first_name=name)
    people.nurse.user.refresh_from_db()
    tell_managers(people.nurse, "sms", now)
    sweep(now)
    (sent,) = mail.outbox
    headers = sent.message()
    assert sent.recipients() == [people.manager.user.email]
    assert headers["Bcc"] is None
    assert len(headers.get_all("Subject")) == 1
    assert "Nora" in sent.subject


@pytest.mark.parametrize("path", ["/desk/%0a2026-01-01 ERROR forged", "/nowhere/%0d%0aERROR forged", "/%1b[2Jx/"])
def test_an_address_with_line_ends_is_one_line_in_the_log(
    db: None, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    with caplog.at_level(logging.WARNING, "django.request"):
        Client().get(path)
    lines = [record.getMessage() for record in caplog.records if record.name == "django.request"]
    assert lines
    assert all(line.isprintable() for line in lines)


def test_no_cell_of_the_figures_is_a_formula(people: Cast, now: datetime) -> None:
    raise_for(people.patient, CHEST, now=now)
    people.clinic.name = people.patient.first_name = '=HYPERLINK("http://evil.example")'
    people.clinic.save()
    people.patient.save()
    answer = signed_in(people.nurse).get("/desk/figures/figures.csv")
    cells = [cell for row in csv.reader(io.StringIO(answer.content.decode())) for cell in row]
    assert answer.status_code == 200
    assert len(cells) > 40
    assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")] == []


def test_an_answer_by_text_that_is_sent_again_later_takes_nothing(people: Cast, now: datetime) -> None:
    """A recorded, rightly signed message must not quiet an alert that opened again since."""
    make_mobile(people.nurse, NORA)
    alert = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    sent: dict[str, Any] = {"provider_id": "SM1", "number": NORA, "text": fresh(alert).ack_code}
    assert take_text(**sent, now=now).startswith("You have it")
    raise_for(people.patient, lifecycle.SignInput("em_breath", "call_911"), now=now + minutes(5))
    assert fresh(alert).state == Alert.State.OPEN
    take_text(**sent, now=now + minutes(6))
    assert fresh(alert).state == Alert.State.OPEN
    assert SmsReply.objects.count() == 1


def test_work_by_name_carries_nothing_about_anybody() -> None:
    """What is put into the broker is a task's name: no task of ours takes an argument."""
    app.loader.import_default_modules()
    ours = [task for name, task in app.tasks.items() if name.startswith(("alerts.", "recovery."))]
    assert len(ours) >= 6
    assert [task.name for task in ours if inspect.signature(task.run).parameters] == []

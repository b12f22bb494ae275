"""A process dies, hangs, or runs on a machine whose clock is wrong: nobody waits for it longer than needed."""

import json
import os
import signal
import socket
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from alerts import lifecycle
from alerts.clock import db_now
from alerts.lifecycle.escalation import advance_due
from alerts.messaging import outbox
from alerts.messaging.channels import TemporaryFailure
from alerts.messaging.channels.email import Email
from alerts.messaging.channels.twilio import signature
from alerts.models import Alert, Delivery
from alerts.monitoring.sweep import sweep
from alerts.policy.plan import read_plan
from alerts.screens import live
from alerts.views.sms_hooks import FORM
from faults.stage import await_end_of
from ops.datadir import DataDir
from ops.embedded import running
from recovery.logs import submit
from recovery.models import Assessment, DailyLog
from tests.alerts.steps import CHEST, raise_for
from tests.attacks.at_once import at_once
from tests.people import Cast, cast, make_mobile
from tests.recovery.conftest import BREATHLESS, CALM
from tests.waiting import drips

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None) -> Cast:
    """Everybody, committed."""
    return cast()


@pytest.fixture
def phone(people: Cast) -> Client:
    client = Client()
    assert people.patient.user
    client.force_login(people.patient.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def post(phone: Client, body: dict[str, Any]) -> Any:
    return phone.post("/api/logs/", json.dumps(body), content_type="application/json")


def test_what_a_dead_process_had_claimed_is_sent_at_once(people: Cast) -> None:
    raise_for(people.patient, CHEST, now=db_now())
    advance_due()
    # A thread with a session of its own, which ends with it: what a killed process leaves behind.
    ((claimed),) = at_once(partial(outbox.claim_due, db_now(), 50))
    await_end_of(claimed[0].claimed_by)
    sweep()
    pages = Delivery.objects.filter(channel="email").values_list("state", "attempts")
    assert set(pages) == {("sent", 2)}
    assert len(mail.outbox) == 2


def test_what_a_live_process_has_claimed_is_its_own_until_the_lease_runs_out(people: Cast) -> None:
    raise_for(people.patient, CHEST, now=db_now())
    advance_due()
    now = db_now()
    claimed = outbox.claim_due(now, 50)
    assert at_once(partial(outbox.reclaim_stuck, now + timedelta(seconds=11))) == [0]
    assert at_once(partial(outbox.reclaim_stuck, now + timedelta(seconds=13))) == [len(claimed)]


def test_a_web_machine_whose_clock_is_an_hour_ahead_delays_no_alert(
    phone: Client, people: Cast, monkeypatch: Any
) -> None:
    ahead = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: ahead)
    assert post(phone, {"client_id": str(uuid.uuid4()), "answers": {**CALM, **BREATHLESS}}).status_code == 201
    assert Alert.objects.filter(next_step_at__lte=db_now()).count() == 1
    sweep()
    assert len(mail.outbox) == 2


@pytest.fixture(params=[1, -1], ids=["ahead", "behind"])
def wrong_clock(request: pytest.FixtureRequest, monkeypatch: Any) -> None:
    """The web machine's clock is an hour off."""
    wrong = timezone.now() + timedelta(hours=request.param)
    monkeypatch.setattr("django.utils.timezone.now", lambda: wrong)


def test_an_answer_about_a_note_on_such_a_machine_delays_no_alert(
    phone: Client, people: Cast, wrong_clock: None
) -> None:
    told = {**CALM, "notes": "I have chest pain"}
    assert post(phone, {"client_id": str(uuid.uuid4()), "answers": told}).status_code == 201
    first = Alert.objects.get()  # what the words alone have led to
    lifecycle.resolve(alert=first, staff=people.nurse, outcome="advised", note="", now=db_now())
    code = DailyLog.objects.get().code
    assert phone.post(f"/log/{code}/advice/", {"notes_confirm": "yes_now"}).status_code == 302
    due = Alert.objects.exclude(pk=first.pk).get().next_step_at
    assert due
    assert abs(due - db_now()) < timedelta(minutes=1)


def test_who_takes_an_alert_by_text_on_such_a_machine_has_it_no_longer_than_others(
    people: Cast, settings: Any, wrong_clock: None
) -> None:
    settings.SMS_TOKEN, number = "a-token", "+13125550111"
    make_mobile(people.nurse, number)
    alert = raise_for(people.patient, CHEST, now=db_now())
    advance_due()
    alert.refresh_from_db()
    fields = {"MessageSid": "SM1", "From": number, "Body": alert.ack_code}
    signed = signature(f"{settings.BASE_URL}/hooks/sms/reply/", fields.items(), settings.SMS_TOKEN)
    answer = Client().post("/hooks/sms/reply/", urlencode(fields), FORM, headers={"X-Twilio-Signature": signed})
    assert answer.status_code == 200
    alert.refresh_from_db()
    assert alert.acked_by == people.nurse
    until = db_now() + timedelta(minutes=read_plan(alert.plan, alert.tier).ack_minutes)
    assert alert.next_step_at
    assert abs(alert.next_step_at - until) < timedelta(minutes=1)


def test_a_log_sent_again_is_not_judged_again(phone: Client, monkeypatch: Any) -> None:
    body = {"client_id": str(uuid.uuid4()), "answers": {**CALM, **BREATHLESS}}
    first = post(phone, body)
    monkeypatch.setattr(submit, "judge_log", None)
    assert post(phone, body).json() == first.json()
    assert Assessment.objects.count() == 1


def test_a_mail_server_that_says_one_letter_at_a_time_is_left_in_time(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        cut_off = threading.Event()
        threading.Thread(target=_trickle, args=(server, cut_off), daemon=True).start()
        settings.EMAIL_BACKEND = "alerts.messaging.channels.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        settings.SEND_SECONDS = 1
        with pytest.raises(TemporaryFailure):
            Email().send("a@b.example", "subject", "body", "key")
        assert cut_off.wait(10)


def _trickle(server: socket.socket, cut_off: threading.Event) -> None:
    line, _ = server.accept()
    try:
        for letter in drips(b"2", 600, 0.1):
            line.send(letter)
    except OSError:
        cut_off.set()


@pytest.fixture
def broker(tmp_path: Path, settings: Any, monkeypatch: Any) -> Iterator[int]:
    """A Valkey of its own, to be stopped in the middle; its process."""
    tmp_path.chmod(0o711)
    with running(DataDir(tmp_path), {"DATABASE_URL": os.environ["DATABASE_URL"]}) as addresses:
        settings.REDIS_URL = addresses["REDIS_URL"]
        monkeypatch.setattr(live, "_wire", live._Wire())
        live.hint_tick()  # the lines are there
        live.hint_taken()
        (pid,) = [int(place.name) for place in Path("/proc").iterdir() if _is_valkey(place, tmp_path)]
        yield pid
        os.kill(pid, signal.SIGCONT)


def _is_valkey(place: Path, folder: Path) -> bool:
    try:
        return place.name.isdigit() and os.fsencode(folder) in (place / "cmdline").read_bytes()
    except OSError:
        return False


def test_a_broker_that_freezes_between_two_words_costs_a_request_a_tenth_of_a_second(
    broker: int, monkeypatch: Any
) -> None:
    monkeypatch.setattr(live, "failpoint", lambda point: os.kill(broker, signal.SIGSTOP))
    # It stays frozen: coming back at all is the proof.
    live.hint_tick()
    assert live.TIMEOUT_SECONDS == 0.1

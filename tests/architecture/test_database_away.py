"""While the database is away: an answer that says when to come back, and one line in the log."""

import hashlib
import logging
import threading
import uuid
from typing import Any

import pytest
import redis
from django.db import OperationalError, connection, transaction
from django.test import Client, RequestFactory

from config import hashing
from config.errors import server_error
from config.hashing import Busy, OneAtATimeHasher
from config.logs import OneLineWhileAway
from patients.models import User
from tests.people import cast
from tests.recovery.conftest import CALM
from tests.waiting import until


def test_a_request_is_answered_503_and_told_when_to_come_back(client: Client, monkeypatch: Any) -> None:
    def away(*args: Any) -> None:
        raise OperationalError("no connection")

    client.raise_request_exception = False
    monkeypatch.setattr("patients.sign_in.session_store.SessionStore.load", away)
    client.cookies["sessionid"] = "x" * 32
    answer = client.get("/today/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert b"call your clinic" in answer.content


def test_a_session_that_cannot_be_saved_is_the_database_s_fault_and_not_the_phone_s(
    db: None, client: Client, monkeypatch: Any
) -> None:
    """Django calls it a bad request, and a phone takes that for "never send this log again"."""

    def away(*args: Any, **more: Any) -> None:
        raise OperationalError("no answer")

    client.force_login(User.objects.create(username="pat"), backend="django.contrib.auth.backends.ModelBackend")
    monkeypatch.setattr("patients.models.Session.save", away)
    answer = client.get("/today/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")


def test_any_other_crash_is_a_500() -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "Retry-After" not in answer


@pytest.mark.parametrize(("error", "lines"), [(OperationalError("gone"), 1), (ZeroDivisionError(), 2)])
def test_a_database_that_restarts_is_one_line_in_the_log(error: Exception, lines: int) -> None:
    record = logging.LogRecord("django.request", 40, "", 0, "Internal Server Error", None, None)
    record.exc_info = (type(error), error, None)
    assert OneLineWhileAway().filter(record)
    assert len(logging.Formatter().format(record).splitlines()) == lines


def test_a_broker_that_takes_nothing_is_one_line_for_each_task(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise RuntimeError("NOREPLICAS")
    except RuntimeError as error:
        logging.getLogger("celery.beat").error("Message Error: %s\n%s", error, ["a", "b"], exc_info=True)
    assert caplog.text.splitlines()[-1].endswith("no task could be asked for: RuntimeError")
    assert len(caplog.text.splitlines()) == 1


def test_a_task_that_finds_no_database_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise OperationalError("gone")
    except OperationalError:
        logging.getLogger("celery.app.trace").error("Task %s", "alerts.tick", exc_info=True)
    assert len(caplog.text.splitlines()) == 1


@pytest.mark.django_db
def test_a_database_that_takes_no_writes_is_away(client: Client) -> None:
    """A standby, or one that an operator holds still: a phone keeps its log and comes again."""
    client.force_login(cast().patient.user, backend="django.contrib.auth.backends.ModelBackend")
    client.raise_request_exception = False
    body = {"client_id": str(uuid.uuid4()), "answers": CALM}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
        answer = client.post("/api/logs/", body, content_type="application/json")
        transaction.set_rollback(True)
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")


@pytest.mark.django_db
def test_a_database_that_takes_no_writes_is_not_healthy(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
    answer = client.get("/health/")
    assert answer.status_code == 503
    assert "database: the database takes no writes" in answer.json()["reasons"]


@pytest.mark.django_db
def test_a_broker_that_is_full_is_not_healthy(client: Client, settings: Any) -> None:
    """It answers a ping all the same."""
    broker = redis.Redis.from_url(settings.REDIS_URL)
    before = broker.config_get("maxmemory")["maxmemory"]
    broker.config_set("maxmemory", 1)
    try:
        answer = client.get("/health/")
    finally:
        broker.config_set("maxmemory", before)
        broker.close()
    assert answer.status_code == 503
    assert [
        reason for reason in answer.json()["reasons"] if reason.startswith("broker: the broker takes no writes")
    ]


def test_passwords_are_checked_one_at_a_time_and_a_third_comes_again() -> None:
    hasher, began, go = OneAtATimeHasher(), threading.Event(), threading.Event()
    answers: list[object] = []

    def slowly(*args: Any, **more: Any) -> Any:
        began.set()
        go.wait(10)
        return hashlib.sha256(*args, **more)

    class Slow(OneAtATimeHasher):
        digest = staticmethod(slowly)

    def check(one: OneAtATimeHasher) -> None:
        try:
            answers.append(one.encode("a password", "salt", 1))
        except Busy as busy:
            answers.append(busy)

    first = threading.Thread(target=check, args=(Slow(),))
    first.start()
    assert began.wait(10)
    second = threading.Thread(target=check, args=(hasher,))
    second.start()
    until(lambda: not hashing._inside._value)
    check(hasher)
    assert isinstance(answers[0], Busy)
    go.set()
    first.join()
    second.join()
    assert len([answer for answer in answers if isinstance(answer, str)]) == 2


def test_too_many_passwords_at_once_are_told_to_come_again() -> None:
    try:
        raise Busy
    except Busy:
        answer = server_error(RequestFactory().post("/accounts/login/"))
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")

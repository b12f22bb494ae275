"""While the database is away: an answer that says when to come back, and one line in the log."""

import logging
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from config.errors import server_error
from config.logs import OneLineWhileAway
from patients.models import User


def test_a_request_is_answered_503_and_told_when_to_come_back(client: Client, monkeypatch: Any) -> None:
    def away(*args: Any) -> None:
        raise OperationalError("no connection")

    client.raise_request_exception = False
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", away)
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
    monkeypatch.setattr("django.contrib.sessions.models.Session.save", away)
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

"""A demo shows what it would have sent."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from alerts.messaging.channels.email import Email
from alerts.messaging.channels.sms import OutboxFolder
from alerts.views.demo_outbox import newest
from tests.patients.pages import text


@pytest.fixture
def demo(db: None, settings: Any, tmp_path: Path) -> Path:
    """The settings of a demo, with a folder of its own."""
    settings.DEMO = True
    settings.OUTBOX_DIR = settings.EMAIL_FILE_PATH = str(tmp_path)
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    return tmp_path


def test_it_shows_mails_and_texts_newest_first(demo: Path) -> None:
    Email().send("nora@example.org", "Somebody waits", "Please open: http://testserver/desk/", "a")
    OutboxFolder().send("+13125550111", "Your note: http://testserver/today/", "b")
    for number, path in enumerate(sorted(demo.iterdir(), key=lambda path: path.suffix == ".json")):
        os.utime(path, (number, number))
    page = text(Client().get("/outbox/"))
    assert page.index("+13125550111") < page.index("nora@example.org")
    assert "Somebody waits" in page
    assert '<a href="http://testserver/today/"' in page
    assert "Nothing leaves this machine" in page


def test_two_mails_of_one_connection_are_two_messages(demo: Path) -> None:
    with mail.get_connection() as connection:
        for number in (1, 2):
            mail.EmailMessage(f"Mail {number}", "Text", to=["a@example.org"], connection=connection).send()
    assert [shown.subject for shown in newest(demo)] == ["Mail 2", "Mail 1"]


def test_it_escapes_what_it_shows(demo: Path) -> None:
    OutboxFolder().send("+13125550111", "<script>alert(1)</script>", "b")
    assert "<script>alert" not in text(Client().get("/outbox/"))


def test_it_shows_at_most_fifty(demo: Path) -> None:
    for number in range(60):
        OutboxFolder().send("+13125550111", "Text", str(number))
    assert len(newest(demo)) == 50


def test_an_empty_demo_says_so(demo: Path) -> None:
    assert b"Nothing has been sent yet." in Client().get("/outbox/").content
    assert newest(demo / "no such folder") == []


def test_there_is_no_such_page_where_patients_are_real(db: None) -> None:
    assert Client().get("/outbox/").status_code == 404

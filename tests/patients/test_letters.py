"""What left and what did not is said truly: links for the staff, and sign-in codes."""

import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from alerts.monitoring.promises.messages import MESSAGES
from patients.models import Letter, User
from patients.sign_in.staff_links import password_link
from tests.patients.pages import signed_in, text
from tests.people import Cast
from tests.waiting import until

PAGE = "/desk/staff/"
NEW = {"first_name": "Nia", "last_name": "New", "email": "nia@clinic.example", "role": "nurse"}


class MailServer(socketserver.StreamRequestHandler):
    """Just enough SMTP to refuse a recipient with the server's own words."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            refuses = line.upper().startswith(b"RCPT")
            self.wfile.write(self.server.words if refuses else b"250 ok\r\n")  # type: ignore[attr-defined]


@pytest.fixture
def refusing(settings: Any) -> Iterator[Any]:
    """A mail server that says .words to every recipient."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailServer) as server:
        server.daemon_threads = True
        server.words = b"550 5.7.1 Relaying denied for nia@clinic.example\r\n"  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "alerts.messaging.channels.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        yield server
        server.shutdown()


@pytest.fixture
def away(settings: Any) -> None:
    """No mail server answers."""
    settings.EMAIL_BACKEND = "alerts.messaging.channels.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9


def nia() -> Any:
    return User.objects.get(email="nia@clinic.example").staff_roles.get()


def manager(people: Cast) -> Client:
    return signed_in(people.manager)


def is_kept() -> bool:
    found = next(promise for promise in MESSAGES if promise.key == "codes-leave")
    return found.ask(timezone.now()).is_kept


def test_a_link_that_left_is_said_with_its_time(people: Cast) -> None:
    client = manager(people)
    page = text(client.post(PAGE, NEW, follow=True))
    assert "A link to choose a password left for nia@clinic.example." in page
    assert "A link left for this e-mail" in page
    letter = Letter.objects.get()
    assert (letter.what, letter.way, letter.state, letter.user, letter.by) == (
        *("link", "email", "left", nia().user),
        people.manager,
    )
    assert len(mail.outbox) == 1


def test_with_no_mail_server_the_page_says_so_and_the_person_is_there(people: Cast, away: None) -> None:
    page = text(manager(people).post(PAGE, NEW, follow=True))
    assert "could not be sent: mail server: ConnectionRefusedError." in page
    assert "left for" not in page
    assert "The link could not be sent" in page
    assert nia().active
    assert (Letter.objects.get().state, is_kept()) == ("failed", False)


def test_what_the_mail_server_says_is_kept_without_the_address(people: Cast, refusing: Any) -> None:
    page = text(manager(people).post(PAGE, NEW, follow=True))
    letter = Letter.objects.get()
    assert (letter.error, letter.theirs) == (
        "mail server: the mail server does not accept messages from ours (550)",
        False,
    )
    assert letter.error in page
    refusing.words = b"550 5.1.1 no such user\r\n"
    manager(people).post(PAGE, {"person": nia().pk, "action": "link"})
    newest = Letter.objects.latest("pk")
    assert (newest.error, newest.theirs) == ("mail server: the mailbox is unknown (550)", True)


def test_a_manager_hands_over_a_link_that_works_and_that_is_written_down(people: Cast, away: None) -> None:
    client = manager(people)
    client.post(PAGE, NEW)
    page = text(client.post(PAGE, {"person": nia().pk, "action": "hand"}))
    link = page.partition('hand-link">')[2].partition("<")[0]
    # a link made in the next second is another one, for the same person
    assert link.partition("-")[0] == password_link(nia().user).partition("-")[0]
    form = Client().get(link.removeprefix("http://testserver"), follow=True)
    assert "password1" in text(form)
    letter = Letter.objects.get(way="hand")
    assert (letter.by, letter.user) == (people.manager, nia().user)
    again = text(client.get(PAGE))
    assert link not in again
    assert "took a link to hand over" in again


def test_nobody_takes_a_link_of_a_colleague_who_has_a_password_while_mail_leaves(people: Cast) -> None:
    people.nurse.user.set_password("a long enough one 27")
    people.nurse.user.save()
    client = manager(people)
    page = text(client.post(PAGE, {"person": people.nurse.pk, "action": "hand"}, follow=True))
    assert "has a password, and the last link left" in page
    assert "hand-link" not in page
    for who in (people.manager, people.other_nurse):
        page = text(client.post(PAGE, {"person": who.pk, "action": "hand"}, follow=True))
        assert "That is not possible." in page
    assert not Letter.objects.filter(way="hand").exists()


def test_a_link_whose_sender_died_is_not_said_to_have_left(people: Cast) -> None:
    Letter.objects.create(
        what="link", way="email", user=people.nurse.user, created_at=timezone.now() - timedelta(minutes=2)
    )
    page = text(manager(people).get(PAGE))
    assert "Nobody knows whether the link" in page


@pytest.mark.django_db(transaction=True)
def test_a_code_that_could_not_leave_is_said_to_whoever_asks_next_known_or_not(
    transactional_db: None, people: Cast, away: None
) -> None:
    email = people.patient.user.email if people.patient.user else ""
    browser = Client()
    browser.post("/sign-in/code/", {"address": email})
    assert until(lambda: Letter.objects.filter(state="failed").exists())
    pages = []
    for address in (email, "nobody@example.org"):
        browser = Client()
        pages.append(text(browser.post("/sign-in/code/", {"address": address}, follow=True)))
    assert ["Our e-mail does not get out at the moment." in page for page in pages] == [True, True]
    assert not is_kept()


@pytest.mark.django_db(transaction=True)
def test_a_code_that_left_has_its_row_and_no_word_of_trouble(transactional_db: None, people: Cast) -> None:
    email = people.patient.user.email if people.patient.user else ""
    browser = Client()
    page = text(browser.post("/sign-in/code/", {"address": email}, follow=True))
    assert "does not get out" not in page
    assert until(lambda: Letter.objects.filter(state="left", what="code", user=people.patient.user).exists())
    assert is_kept()


def test_an_address_that_takes_nothing_is_no_trouble_of_ours(people: Cast) -> None:
    now = timezone.now()
    Letter.objects.create(
        what="code", way="email", state="failed", theirs=True, error="x", created_at=now, done_at=now
    )
    assert is_kept()
    assert "does not get out" not in text(
        Client().post("/sign-in/code/", {"address": "nobody@example.org"}, follow=True)
    )

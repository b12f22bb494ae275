"""Where sign-in codes arrive in tests: texts are kept, e-mails are in Django's own outbox."""

import re
import threading

from django.core import mail

from patients.reaching import letter_sending
from tests.waiting import until

PATH = "tests.patients.letterbox.KeptTexts"
texts: list[tuple[str, str]] = []


class KeptTexts:
    """An SMS provider that keeps what it was given."""

    def send(self, number: str, text: str, key: str) -> None:
        texts.append((number, text))


class Refusing:
    """An SMS provider that is down."""

    def send(self, number: str, text: str, key: str) -> None:
        raise OSError("no network")


def empty() -> None:
    """Throw away what came, once nothing is on its way: what another test was sent is no text of this one."""
    _all_are_free()
    texts.clear()
    mail.outbox.clear()


def nothing_comes() -> bool:
    """Nothing was sent, and nothing is on its way."""
    _all_are_free()
    return not texts and not mail.outbox


def _all_are_free() -> None:
    """Wait until all who send are free at once."""
    senders = letter_sending._senders
    together = threading.Barrier(senders._max_workers + 1, timeout=10)
    for _ in range(senders._max_workers):
        senders.submit(together.wait)
    together.wait()


def code_by_email(count: int = 1) -> str:
    """The code of the newest e-mail, when that many have come."""
    until(lambda: len(mail.outbox) >= count)
    return digits(str(mail.outbox[-1].body))


def code_by_text(count: int = 1) -> str:
    """The code of the newest text, when that many have come."""
    until(lambda: len(texts) >= count)
    return digits(texts[-1][1])


def digits(text: str) -> str:
    found = re.search(r"\b\d{6}\b", text)
    assert found, text
    return found.group()

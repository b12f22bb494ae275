"""How a patient or helper is reached: the one place that decides between a text and an e-mail.

Text messages reach people over 65 best, so they come first; but not where no provider is set up, and not to a
phone from which STOP was sent or that takes no texts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from patients.models import Caregiver, Patient, StoppedNumber

SMS, EMAIL = "sms", "email"


def sms_works() -> bool:
    """Has this installation a way to send texts?"""
    return not settings.SMS_BACKEND.endswith("NotSetUp")


@dataclass(frozen=True)
class Reach:
    """The ways that work for one person, best first, and those that are on file whether they work or not."""

    works: tuple[str, ...]
    on_file: tuple[str, ...]
    # Why no text goes to the phone on file (StoppedNumber.Why); empty when one may.
    no_texts: str = ""

    @property
    def best(self) -> str:
        """Where one message goes. When nothing works, what is on file: the message's row then says why."""
        return next(iter((*self.works, *self.on_file)), EMAIL)

    @property
    def every(self) -> tuple[str, ...]:
        """Where an urgent message goes."""
        return self.works or self.on_file[:1]


def reach(phone: Any, email: str, *, stopped: dict[str, str] | None = None) -> Reach:
    """For a phone (E.164) and an e-mail, either may be empty. stopped: what stopped_among said of many."""
    number = str(phone or "")
    if stopped is None:
        stopped = stopped_among([number])
    why = stopped.get(number, "")
    texts = bool(number) and sms_works() and not why
    works = ((SMS,) if texts else ()) + ((EMAIL,) if email else ())
    return Reach(works, ((SMS,) if number else ()) + ((EMAIL,) if email else ()), why)


def stopped_among(numbers: Iterable[Any]) -> dict[str, str]:
    """Which of these numbers take no texts, each with why; one statement, none when there is no number."""
    asked = {str(number) for number in numbers if number}
    rows = StoppedNumber.objects.filter(number__in=asked).values_list("number", "why") if asked else []
    return dict(rows)


def of_patient(patient: Patient) -> Reach:
    """By the phone and e-mail of the record."""
    return reach(patient.phone, patient.email)


def of_helpers(helpers: Iterable[Caregiver]) -> list[tuple[Caregiver, Reach]]:
    """By what each of them signs in with, in one statement."""
    known = list(helpers)
    stopped = stopped_among(helper.user.phone for helper in known)
    return [(helper, reach(helper.user.phone, helper.user.email, stopped=stopped)) for helper in known]

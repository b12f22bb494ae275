"""Decides whether a patient or helper gets a text or an e-mail; no other code decides this.

Texts reach people over 65 best, so they come first, unless no provider is set up or the phone takes no texts
(after STOP, or as a landline).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from patients.models import Caregiver, Patient, StoppedNumber

SMS, EMAIL = "sms", "email"


def sms_works() -> bool:
    """Return whether this installation can send texts."""
    return not settings.SMS_BACKEND.endswith("NotSetUp")


@dataclass(frozen=True)
class Reach:
    """The channels that work for one person, best first, and those on file whether they work or not."""

    works: tuple[str, ...]
    on_file: tuple[str, ...]
    # Why the phone on file gets no texts (StoppedNumber.Why); empty when it may.
    no_texts: str = ""

    @property
    def best(self) -> str:
        """The channel for one message. If none works, one on file, so that the delivery says why it failed."""
        return next(iter((*self.works, *self.on_file)), EMAIL)

    @property
    def every(self) -> tuple[str, ...]:
        """The channels for an urgent message."""
        return self.works or self.on_file[:1]


def reach(phone: Any, email: str, *, stopped: dict[str, str] | None = None) -> Reach:
    """Return the reach of a phone (E.164) and an e-mail, each may be empty. stopped: from stopped_among."""
    number = str(phone or "")
    if stopped is None:
        stopped = stopped_among([number])
    why = stopped.get(number, "")
    texts = bool(number) and sms_works() and not why
    works = ((SMS,) if texts else ()) + ((EMAIL,) if email else ())
    return Reach(works, ((SMS,) if number else ()) + ((EMAIL,) if email else ()), why)


def stopped_among(numbers: Iterable[Any]) -> dict[str, str]:
    """Return the numbers among these that take no texts, with the reason; one statement at most."""
    asked = {str(number) for number in numbers if number}
    rows = StoppedNumber.objects.filter(number__in=asked).values_list("number", "why") if asked else []
    return dict(rows)


def of_patient(patient: Patient) -> Reach:
    """Return the reach of a patient, by the phone and e-mail in the record."""
    return reach(patient.phone, patient.email)


def of_helpers(helpers: Iterable[Caregiver]) -> list[tuple[Caregiver, Reach]]:
    """Return each helper with their reach, by what they sign in with; one statement."""
    known = list(helpers)
    stopped = stopped_among(helper.user.phone for helper in known)
    return [(helper, reach(helper.user.phone, helper.user.email, stopped=stopped)) for helper in known]

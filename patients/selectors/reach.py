"""Decides whether a patient or helper gets a text, an e-mail or a push note; no other code decides this.

Texts reach people over 65 best, so they come first, unless no provider is set up or the phone takes no texts
(after STOP, or as a landline). Notes follow the person's own wish where that way works; a wish never makes an
urgent message go by fewer ways.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from patients.models import Caregiver, ContactMethod, Patient, StoppedNumber

SMS, EMAIL, PUSH = "sms", "email", "push"
# A channel, and what it adds to the recipient: nothing, or the browser (":12") that a push note is for.
Way = tuple[str, str]


# The messages with which a clinic asks for a short log.
ASK_BY_TEXT, ASK_BY_CALL = "patient_ask", "patient_call"
CALL = "call"


def calls_work() -> bool:
    """Return whether this installation can make automatic calls."""
    return bool(settings.VOICE_FROM)


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
    # How the person wants notes, and the browsers that show them push notes. Only loaded for who wants push.
    wish: tuple[str, ...] = ()
    devices: tuple[int, ...] = ()

    @property
    def for_notes(self) -> tuple[Way, ...]:
        """The ways for a note: those the person wants and that work, or else the best."""
        wanted = tuple((way, "") for way in self.works if way in self.wish)
        return wanted + self._pushes or ((self.best, ""),)

    @property
    def for_urgent(self) -> tuple[Way, ...]:
        """The ways for an urgent message: all that work."""
        return tuple((way, "") for way in self.every) + self._pushes

    @property
    def _pushes(self) -> tuple[Way, ...]:
        return tuple((PUSH, f":{device}") for device in self.devices if PUSH in self.wish)

    @property
    def best(self) -> str:
        """The channel for one message. If none works, one on file, so that the delivery says why it failed."""
        return next(iter((*self.works, *self.on_file)), EMAIL)

    @property
    def every(self) -> tuple[str, ...]:
        """The channels for an urgent message."""
        return self.works or self.on_file[:1]


def reach(
    phone: Any,
    email: str,
    *,
    stopped: dict[str, str] | None = None,
    wish: Iterable[str] = (),
    devices: Iterable[int] = (),
) -> Reach:
    """Return the reach of a phone (E.164) and an e-mail, each may be empty. stopped: from stopped_among."""
    number = str(phone or "")
    if stopped is None:
        stopped = stopped_among([number])
    why = stopped.get(number, "")
    texts = bool(number) and sms_works() and not why
    works = ((SMS,) if texts else ()) + ((EMAIL,) if email else ())
    return Reach(works, ((SMS,) if number else ()) + ((EMAIL,) if email else ()), why, tuple(wish), tuple(devices))


def stopped_among(numbers: Iterable[Any]) -> dict[str, str]:
    """Return the numbers among these that take no texts, with the reason; one statement at most."""
    asked = {str(number) for number in numbers if number}
    rows = StoppedNumber.objects.filter(number__in=asked).values_list("number", "why") if asked else []
    return dict(rows)


def of_patient(patient: Patient) -> Reach:
    """Return the reach of a patient, by the phone and e-mail in the record; a second statement for push."""
    devices = devices_of({patient.user_id or 0}) if PUSH in patient.note_ways else {}
    theirs = devices.get(patient.user_id or 0, [])
    return reach(patient.phone, patient.email, wish=patient.note_ways, devices=theirs)


def of_helpers(helpers: Iterable[Caregiver]) -> list[tuple[Caregiver, Reach]]:
    """Return each helper with their reach, by what they sign in with; a second statement when one wants push."""
    known = list(helpers)
    stopped = stopped_among(helper.user.phone for helper in known)
    devices = devices_of(helper.user_id for helper in known if PUSH in helper.note_ways)
    return [
        (
            helper,
            reach(
                helper.user.phone,
                helper.user.email,
                stopped=stopped,
                wish=helper.note_ways,
                devices=devices.get(helper.user_id, ()),
            ),
        )
        for helper in known
    ]


def devices_of(users: Iterable[int]) -> dict[int, list[int]]:
    """Return the browsers that show push notes, by user id; one statement at most."""
    asked, found = set(users), dict[int, list[int]]()
    rows = (
        ContactMethod.objects.filter(user__in=asked, kind=ContactMethod.Kind.PUSH).order_by("pk") if asked else ()
    )
    for row in rows:
        if row.is_usable:
            found.setdefault(row.user_id, []).append(row.pk)
    return found


def asks_by(patient: Patient, way: Reach) -> tuple[str, str] | None:
    """Return channel and message with which to ask for a short log; None when the patient logs in the app.

    Also None while that way does not work: then the patient is asked to open the app, by whatever way works.
    """
    if patient.short_logs == Patient.ShortLogs.CALL and calls_work():
        return CALL, ASK_BY_CALL
    if patient.short_logs == Patient.ShortLogs.SMS and SMS in way.works:
        return SMS, ASK_BY_TEXT
    return None


def named_apart(ways: Iterable[Way]) -> list[tuple[str, str, str]]:
    """Return channel, device, and what tells the keys of one message apart: nothing for the first way."""
    return [
        (channel, device, f":{channel}{device}" if number else "") for number, (channel, device) in enumerate(ways)
    ]

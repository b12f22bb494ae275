"""An SMS came in: whoever is on the staff takes an alert by its code, or turns messages off and on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from alerts.codes import ACTIVE
from alerts.models import Alert, SmsReply
from alerts.muted import tell_managers
from alerts.replies import Meant, read
from alerts.services.answers import AckResult, acknowledge
from alerts.services.errors import AlertError
from patients import contacts
from patients.models import ContactMethod, Staff
from patients.selectors import phone_of_clinic, staff_with_number
from patients.templatetags.kypho import clock

What = SmsReply.What
MOST_TRIES = 5
# Two messages' worth; a name may be longer than what is left.
MOST_CHARACTERS = 320
TRIES_WITHIN = timedelta(minutes=15)
# Each of these uses up a try: a guess, or something that costs us an answer.
TRIES = (What.WRONG, What.UNCLEAR, What.STRANGER)
NO_SUCH_CODE = "Nobody waits under this code. Look at the newest message, or open {link}"
UNCLEAR = "Reply with the 6 digits alone to take it, such as 482913. Or open {link}"
NOT_READ = "Nobody reads texts to this number. Call your clinic{phone}. In an emergency call 911."
AGAIN = "You get messages by text again."
ONLY_CODES = "Nobody can read what you write here but codes."


@dataclass(frozen=True)
class _Outcome:
    what: str
    answer: str = ""
    staff: Staff | None = None
    alert: Alert | None = None


def take_reply(*, provider_id: str, number: str, text: str, now: datetime) -> str:
    """Do what the message asks for, once; the words to answer with, empty for none. The text is not kept.

    A repeat of the same message (provider_id) changes nothing and gets the same answer.
    """
    with transaction.atomic():
        _one_at_a_time(number)
        known = SmsReply.objects.filter(provider_id=provider_id).first()
        if known:
            return known.answer
        outcome = _outcome(number, read(text), now)
        answer = outcome.answer[:MOST_CHARACTERS]
        SmsReply.objects.create(
            provider_id=provider_id,
            number=number,
            received_at=now,
            what=outcome.what,
            staff=outcome.staff,
            alert=outcome.alert,
            answer=answer,
        )
    return answer


def _one_at_a_time(number: str) -> None:
    """Messages of one number in a line, so that tries are counted right; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"sms-reply:{number}"])


def _outcome(number: str, meant: Meant, now: datetime) -> _Outcome:
    if meant.stop or meant.start:
        return _switch(number, meant, now)
    roles = staff_with_number(number)
    tries = SmsReply.objects.filter(number=number, received_at__gt=now - TRIES_WITHIN, what__in=TRIES)
    if tries.count() >= MOST_TRIES:
        return _Outcome(What.IGNORED, staff=roles[0] if roles else None)
    if not roles:
        return _Outcome(What.STRANGER, _not_read(number))
    if not meant.code:
        return _Outcome(What.UNCLEAR, UNCLEAR.format(link=_link()), roles[0])
    return _take(roles, meant.code, now)


def _not_read(number: str) -> str:
    phone = phone_of_clinic(number)
    return NOT_READ.format(phone=f" at {phone}" if phone else "")


def _take(roles: list[Staff], code: str, now: datetime) -> _Outcome:
    """Take the alert with this code at a clinic of this person: the active one, else the last that had it."""
    alerts = Alert.objects.filter(ack_code=code, clinic_id__in=[person.clinic_id for person in roles])
    alert = alerts.filter(state__in=ACTIVE).first() or alerts.order_by("-opened_at").first()
    if alert is None:
        return _Outcome(What.WRONG, NO_SUCH_CODE.format(link=_link()), roles[0])
    person = next(person for person in roles if person.clinic_id == alert.clinic_id)
    try:
        result = acknowledge(alert_code=alert.code, staff=person, now=now, by="sms")
    except AlertError:
        return _Outcome(What.WRONG, NO_SUCH_CODE.format(link=_link()), person)
    return _Outcome(What.TAKEN if result.won else What.TOO_LATE, _told(result, person), person, alert)


def _told(result: AckResult, person: Staff) -> str:
    at = clock(result.at.astimezone(ZoneInfo(person.clinic.timezone)))
    if result.alert.state == Alert.State.RESOLVED:
        return f"Already closed{_by(result)} at {at}. Nothing to do."
    if result.won or result.alert.acked_by_id == person.pk:
        return f"You have it, since {at}. Please open {_link()}"
    return f"{result.by_name} has it, since {at}."


def _by(result: AckResult) -> str:
    return f" by {result.by_name}" if result.by_name else ""


def _switch(number: str, meant: Meant, now: datetime) -> _Outcome:
    """STOP and START, of anybody here. The provider confirms STOP by itself, and refuses anything we would add."""
    roles = staff_with_number(number)
    rows = ContactMethod.objects.filter(kind=ContactMethod.Kind.SMS, address=number)
    if meant.start:
        on = rows.filter(opted_out_at__isnull=False).update(opted_out_at=None)
        again = contacts.start_texts(number)
        if again and not on:
            return _Outcome(What.START, f"{AGAIN} {_not_read(number)}")
        return _Outcome(What.START, f"{AGAIN} {ONLY_CODES}" if on else "", roles[0] if roles else None)
    contacts.stop_texts(number, now)
    if rows.filter(opted_out_at__isnull=True).update(opted_out_at=now):
        for person in roles:
            tell_managers(person, "sms", now)
    return _Outcome(What.STOP, staff=roles[0] if roles else None)


def _link() -> str:
    return f"{settings.BASE_URL}/desk/"

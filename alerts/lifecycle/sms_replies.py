"""Incoming SMS: staff take an alert by its code; any phone can turn our texts off and on.

The words of a patient or helper are a log (recovery.logs.texts). This module only says that a text is theirs.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from alerts.lifecycle.answers import AckResult, acknowledge
from alerts.messaging.reply_words import Meant, read
from alerts.messaging.spanish import said
from alerts.messaging.unreachable_staff import tell_managers
from alerts.models import Alert, SmsReply
from alerts.models.refusals import AlertError
from alerts.states import ACTIVE
from patients.models import ContactMethod, Staff
from patients.reaching import contact_outcomes
from patients.selectors.people import phone_of_clinic, staff_with_number, texts_stopped, writers
from patients.selectors.reach import SMS
from patients.templatetags.kypho import clock
from patients.wall.scope import also

What = SmsReply.What
MOST_TRIES = 5
# Two SMS long. A longer answer, such as one with a long name, is cut.
MOST_CHARACTERS = 320
TRIES_WITHIN = timedelta(minutes=15)
# How many answers one number gets within TRIES_WITHIN: an auto-reply at the other end must not start a loop.
MOST_ANSWERS = 12
NO_SUCH_CODE = "Nobody waits under this code. Look at the newest message, or open {link}"
LAST_TRY = "Nobody waits under this code. That was the last try by text for 15 minutes. Please open {link}"
UNCLEAR = "Nothing is taken yet. Reply with the 6 digits of the message, such as 482913. Or open {link}"
NOT_READ = "Nobody reads texts to this number. Call your clinic{phone}. In an emergency call 911."
NUMBERS = "Reply 1 for fine, 2 for worse, 3 for help right now."
AGAIN = "You get messages by text again."
NO_MORE = "You get no more texts from us. To get them again, reply START."
ONLY_CODES = "Nobody can read what you write here but codes."
REACH, AT = "To reach your clinic, call {phone}.", " at {phone}"
HEARD = "Your clinic can read what you write here, but nobody answers by text. In an emergency call 911."


@dataclass(frozen=True)
class _Outcome:
    what: str
    answer: str = ""
    staff: Staff | None = None
    alert: Alert | None = None


@dataclass(frozen=True)
class Words:
    """A patient's or helper's own words. The caller stores them as a log before it answers.

    answer: words to send in any case, such as the confirmation of STOP; may be empty.
    """

    meant: Meant
    answer: str = ""


def take_reply(*, provider_id: str, number: str, text: str, now: datetime, opt_out: str = "") -> str | Words:
    """Do once what the message asks for. Returns the answer to send, empty for none.

    Returns Words when a person has to read the message: the caller stores it as a log and then calls note_words.
    A repeat of the same message (provider_id) changes nothing and gets the same answer. opt_out: the provider's
    own word for what it did (STOP, START, HELP).
    """
    with transaction.atomic():
        _one_at_a_time(number)
        known = SmsReply.objects.filter(provider_id=provider_id).first()
        if known:
            return known.answer
        meant = read(text, opt_out)
        roles, about = staff_with_number(number), writers(number, now)
        writes, asked = bool(about), any(writer.patient.short_logs == SMS for writer in about)
        outcome = _outcome(number, meant, roles, now, writes=writes)
        if writes and meant.more and (outcome is None or outcome.what == What.STOP):
            return Words(meant, outcome.answer if outcome else "")
        outcome = outcome or _not_words(number, meant, roles, asked=asked)
        _note(provider_id, number, now, outcome)
    return _answer_of(provider_id)


def note_words(*, provider_id: str, number: str, answer: str, now: datetime) -> str:
    """Note that a message was stored as a log; a repeat then gets the same answer. Returns the answer to send."""
    with transaction.atomic():
        _one_at_a_time(number)
        if not SmsReply.objects.filter(provider_id=provider_id).exists():
            _note(provider_id, number, now, _Outcome(What.WORDS, answer))
    return _answer_of(provider_id)


def _note(provider_id: str, number: str, now: datetime, outcome: _Outcome) -> None:
    lately = SmsReply.objects.filter(number=number, received_at__gt=now - TRIES_WITHIN).exclude(answer="")
    answer = outcome.answer if lately.count() < MOST_ANSWERS else ""
    SmsReply.objects.create(
        provider_id=provider_id,
        number=number,
        received_at=now,
        what=outcome.what,
        staff=outcome.staff,
        alert=outcome.alert,
        answer=answer[:MOST_CHARACTERS],
    )


def _answer_of(provider_id: str) -> str:
    return SmsReply.objects.get(provider_id=provider_id).answer


def _one_at_a_time(number: str) -> None:
    """Lock the number until the transaction ends, so that two messages at once do not miscount tries."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"sms-reply:{number}"])


def _outcome(number: str, meant: Meant, roles: list[Staff], now: datetime, *, writes: bool) -> _Outcome | None:
    """The outcome of a message; None for the words of a patient or helper."""
    if meant.stop:
        return _stop(number, meant, roles, now)
    if meant.start or (meant.yes and _is_stopped(number)):
        return _start(number, meant, roles, writes=writes)
    if roles and meant.code:
        return _take(number, roles, meant, now)
    if roles and (meant.yes or meant.tap or not writes):
        return _Outcome(What.UNCLEAR, said(UNCLEAR, spanish=meant.spanish).format(link=_link()), roles[0])
    if not writes:
        return _Outcome(What.STRANGER, _not_read(number, meant))
    return None


def _not_words(number: str, meant: Meant, roles: list[Staff], *, asked: bool) -> _Outcome:
    """The outcome of a message from a patient's or helper's phone without words: a reaction, or an empty text.

    asked: the clinic asks by text, so the answer repeats how to answer.
    """
    phone = phone_of_clinic(number)
    how = said(REACH, spanish=meant.spanish).format(phone=phone)
    heard = said(HEARD, spanish=meant.spanish)
    again = f"{said(NUMBERS, spanish=meant.spanish)} " if asked else ""
    return _Outcome(What.UNCLEAR, f"{again}{how} {heard}", roles[0] if roles else None)


def _not_read(number: str, meant: Meant) -> str:
    phone = phone_of_clinic(number)
    at = said(AT, spanish=meant.spanish).format(phone=phone) if phone else ""
    return said(NOT_READ, spanish=meant.spanish).format(phone=at)


def _take(number: str, roles: list[Staff], meant: Meant, now: datetime) -> _Outcome:
    """Take the alert that has this code at one of this person's clinics: the active one, else the newest.

    Only wrong codes count as tries, and they count only against alerts that were open then: a new alert starts
    with none.
    """
    clinics = [person.clinic_id for person in roles]
    mine = Alert.objects.filter(clinic_id__in=clinics)
    alerts = mine.filter(ack_code=meant.code)
    alert = alerts.filter(state__in=ACTIVE).first() or alerts.order_by("-opened_at").first()
    if alert is None:
        newest = mine.filter(state__in=ACTIVE).order_by("-opened_at").first()
        return _wrong(meant, roles[0], _tries(number, newest, now))
    if _tries(number, alert, now) >= MOST_TRIES:
        return _Outcome(What.IGNORED, staff=roles[0])
    person = next(person for person in roles if person.clinic_id == alert.clinic_id)
    try:
        with also(user=person.user_id):
            result = acknowledge(alert_code=alert.code, staff=person, now=now, by="sms")
    except AlertError:
        return _wrong(meant, person, _tries(number, alert, now))
    return _Outcome(What.TAKEN if result.won else What.TOO_LATE, _told(result, person), person, alert)


def _tries(number: str, alert: Alert | None, now: datetime) -> int:
    """How many wrong codes this number sent in the last 15 minutes; with an alert, only since it opened."""
    since = now - TRIES_WITHIN
    begun = max(since, alert.opened_at) if alert else since
    wrong = SmsReply.objects.filter(number=number, what=What.WRONG, received_at__gt=since)
    return wrong.filter(received_at__gte=begun).count()


def _wrong(meant: Meant, person: Staff, tries: int) -> _Outcome:
    if tries >= MOST_TRIES:
        return _Outcome(What.IGNORED, staff=person)
    words = LAST_TRY if tries == MOST_TRIES - 1 else NO_SUCH_CODE
    return _Outcome(What.WRONG, said(words, spanish=meant.spanish).format(link=_link()), person)


def _told(result: AckResult, person: Staff) -> str:
    at = clock(result.at.astimezone(ZoneInfo(person.clinic.timezone)))
    if result.alert.state == Alert.State.RESOLVED:
        return f"Already closed{_by(result)} at {at}. Nothing to do."
    if result.won or result.alert.acked_by_id == person.pk:
        return f"You have it, since {at}. Please open {_link()}"
    return f"{result.by_name} has it, since {at}."


def _by(result: AckResult) -> str:
    return f" by {result.by_name}" if result.by_name else ""


def _mobiles(number: str) -> QuerySet[ContactMethod]:
    return ContactMethod.objects.filter(kind=ContactMethod.Kind.SMS, address=number)


def _is_stopped(number: str) -> bool:
    return texts_stopped(number) or _mobiles(number).filter(opted_out_at__isnull=False).exists()


def _stop(number: str, meant: Meant, roles: list[Staff], now: datetime) -> _Outcome:
    """Send no more texts to this number.

    The provider itself confirms the word STOP and then refuses any text of ours. It does not understand the same
    wish in a sentence, so we confirm that ourselves.
    """
    contact_outcomes.stop_texts(number, now)
    if _mobiles(number).filter(opted_out_at__isnull=True).update(opted_out_at=now):
        for person in roles:
            tell_managers(person, "sms", now)
    return _Outcome(
        What.STOP, "" if meant.by_word else said(NO_MORE, spanish=meant.spanish), roles[0] if roles else None
    )


def _start(number: str, meant: Meant, roles: list[Staff], *, writes: bool) -> _Outcome:
    on = _mobiles(number).filter(opted_out_at__isnull=False).update(opted_out_at=None)
    again = contact_outcomes.start_texts(number)
    back = said(AGAIN, spanish=meant.spanish)
    if writes and (again or not roles):
        return _Outcome(What.START, f"{back} {said(HEARD, spanish=meant.spanish)}")
    if on:
        codes = said(ONLY_CODES, spanish=meant.spanish)
        return _Outcome(What.START, f"{back} {codes}", roles[0] if roles else None)
    return _Outcome(What.START, "" if roles else _not_read(number, meant), roles[0] if roles else None)


def _link() -> str:
    return f"{settings.BASE_URL}/desk/"

"""Calls to staff: when one is still wanted, what it says, and what each key does.

Nothing clinical is said, and no name but that of the person who is called or of the colleague who was faster.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from alerts.lifecycle import staff_call_words as words
from alerts.lifecycle.answers import AckResult, acknowledge
from alerts.lifecycle.locking import locked_alert
from alerts.messaging.call_ends import of_the_same_step, record_end
from alerts.messaging.codes import code_from
from alerts.models import Alert, Delivery
from alerts.models.refusals import AlertError
from alerts.oncall.roster import rosters, works
from alerts.policy.plan import CALL, Step
from patients.models import AccessEvent, Staff
from patients.selectors.people import read_staff
from patients.templatetags.kypho import clock
from patients.wall.scope import also

End = Delivery.CallEnd
# The provider asks within minutes; after this the call is over and its address is worth nothing.
ANSWERED_WITHIN = timedelta(hours=2)
# How often one call says the same, because somebody asks for it, or presses nothing.
SAID_MOST, SAID_MOST_WITHOUT_A_KEY = 6, 2
CODE, TEST = "contact_code", "contact_test"
OPENED = "somebody opened it"
OFF_DUTY = "no longer on call"


@dataclass(frozen=True)
class Spoken:
    """What a call says next. waits: it then waits for one key; otherwise it ends."""

    sentences: list[str] = field(default_factory=list)
    waits: bool = False


# --- Is a call still wanted? ---


def why_not(row: Delivery, now: datetime) -> tuple[str, bool]:
    """The reason why a call to staff is not made any more, and whether others must be told instead.

    It is not made when one of the people whom the same step told has opened the patient's chart since, or when the
    person is not on call any more. Empty for every other message.
    """
    alert = row.alert
    if row.channel != CALL or row.message != "staff_alert" or alert is None or alert.state != Alert.State.OPEN:
        return "", False
    if _opened(row, alert):
        return OPENED, False
    person = staff_of(row)
    return (OFF_DUTY, True) if person and not _is_asked(row, person, now) else ("", False)


def _opened(row: Delivery, alert: Alert) -> bool:
    told = of_the_same_step(row).values_list("recipient", flat=True)
    people = {read_staff(recipient)[0] for recipient in told}
    looks = AccessEvent.objects.filter(patient=alert.patient_id, at__gte=row.created_at)
    return looks.filter(actor__staff_roles__in=[pk for pk in people if pk]).exists()


def _is_asked(row: Delivery, person: Staff, now: datetime) -> bool:
    """Does the step that made this call still ask this person? Steps ask those on call, or all when nobody is."""
    audience = row.context.get("asked")
    if not audience:
        return True
    roster = rosters([person.clinic_id], now)[person.clinic_id]
    asked = roster.audience(Step(0, audience, row.context.get("staff_id")))
    return any(one.pk == person.pk for one in asked)


# --- Who is on the line ---


def on_the_line(key: str, now: datetime) -> Delivery | None:
    """The call to staff that has this key; None when it is none, was never made, or is long over."""
    rows = Delivery.objects.filter(key=key, channel=CALL, claimed_at__gt=now - ANSWERED_WITHIN)
    row = rows.select_related("alert").first()
    return row if row and row.recipient.partition(":")[0] in ("staff", "contact") else None


def staff_of(row: Delivery) -> Staff | None:
    """The member of staff whom a row is for, whether or not they still work at the clinic."""
    pk, _ = read_staff(row.recipient)
    return Staff.objects.filter(pk=pk).select_related("user", "clinic").first() if pk else None


# --- What is said ---


def picked_up(row: Delivery, now: datetime) -> Spoken:
    """Somebody picked up: say who calls and what the keys do."""
    if row.message == CODE:
        return Spoken([words.CODE_HELLO], waits=True) if now < row.send_by else Spoken([words.CODE_RAN_OUT])
    person = staff_of(row)
    if person is None:
        return Spoken()
    who = {"clinic": person.clinic.name, "name": person.name}
    if row.message == TEST or row.alert is None:
        return Spoken([words.TEST_HELLO.format(**who)], waits=True)
    if refused := _refused(row, person, now):
        return refused
    if not row.alert.waits_for_a_person:
        record_end(row, End.LATE, now)
        return Spoken([_faster(_answered(row.alert), person)])
    return Spoken([words.HELLO.format(**who), words.KEYS], waits=True)


def pressed(row: Delivery, key: str, said: int, now: datetime) -> Spoken:
    """Take one key; empty: none until the time was up. said: how often this call has said the same before.

    The same key again changes nothing, so a provider may ask twice.
    """
    if key == "1":
        return _take(row, now)
    again = (key == "2" and said < SAID_MOST) or (not key and said < SAID_MOST_WITHOUT_A_KEY)
    if again:
        once_more = picked_up(row, now)
        return Spoken([*([] if key else [words.NOT_HEARD]), *once_more.sentences], once_more.waits)
    passed = bool(key) and key != "2"
    record_end(row, End.PASSED if passed else End.NO_KEY, now)
    if row.alert is None:
        return Spoken([words.GOODBYE])
    return Spoken([words.PASSED if passed else words.NO_KEY])


def _take(row: Delivery, now: datetime) -> Spoken:
    if row.message == CODE:
        return _code(row, now)
    person = staff_of(row)
    if person is None:
        return Spoken()
    if row.message == TEST or row.alert is None:
        record_end(row, End.HEARD, now)
        return Spoken([words.TEST_WORKS])
    if refused := _refused(row, person, now):
        return refused
    try:
        with also(user=person.user_id), transaction.atomic():
            return _take_alert(row, row.alert, person, now)
    except AlertError as error:
        record_end(row, End.OFF_DUTY, now)
        return Spoken([error.text, words.NOTHING_TAKEN])


def _take_alert(row: Delivery, alert: Alert, person: Staff, now: datetime) -> Spoken:
    # The alert before the message, as everywhere. Only the first key of a call takes it: a repeat that comes after
    # the alert was opened again must not.
    present = locked_alert(person, pk=alert.pk)
    end = Delivery.objects.select_for_update().values_list("call_end", flat=True).get(pk=row.pk)
    if end == End.TAKEN:
        mine = present.acked_by_id == person.pk and present.state == Alert.State.ACKED
        return Spoken([_yours(_answered(present), person)] if mine else [words.ANSWERED_BEFORE])
    result = acknowledge(alert_code=alert.code, staff=person, now=now, by=CALL)
    mine = result.won or (result.alert.state == Alert.State.ACKED and result.alert.acked_by_id == person.pk)
    record_end(row, End.TAKEN if mine else End.LATE, now)
    return Spoken([_yours(result, person) if mine else _faster(result, person)])


def _code(row: Delivery, now: datetime) -> Spoken:
    if now >= row.send_by:
        return Spoken([words.CODE_RAN_OUT])
    record_end(row, End.HEARD, now)
    digits = ", ".join(code_from(row.context["nonce"]))
    return Spoken([words.CODE.format(code=digits)] * 2 + [words.CODE_END])


def _refused(row: Delivery, person: Staff, now: datetime) -> Spoken | None:
    """What somebody hears who may not take it: they left the clinic, or are not on call any more."""
    if not works(person):
        record_end(row, End.OFF_DUTY, now)
        return Spoken([words.LEFT, words.NOTHING_TAKEN])
    with also(user=person.user_id):
        if _is_asked(row, person, now):
            return None
    record_end(row, End.OFF_DUTY, now)
    return Spoken([words.NOT_ON_CALL, words.NOTHING_TAKEN])


def _answered(alert: Alert) -> AckResult:
    person, at = alert.resolved_by or alert.acked_by, alert.resolved_at or alert.acked_at
    return AckResult(False, alert, person.name if person else "", at or alert.opened_at)


def _yours(result: AckResult, person: Staff) -> str:
    return words.YOURS.format(at=_at(result, person))


def _faster(result: AckResult, person: Staff) -> str:
    by = f" by {result.by_name}" if result.by_name else ""
    done = words.CLOSED if result.alert.state == Alert.State.RESOLVED else words.TAKEN
    return done.format(by=by, at=_at(result, person))


def _at(result: AckResult, person: Staff) -> str:
    return clock(result.at.astimezone(ZoneInfo(person.clinic.timezone)))

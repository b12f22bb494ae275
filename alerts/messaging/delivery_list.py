"""The deliveries of one clinic for its managers: the recipient, the state, and the reason of a failure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from alerts.messaging.channels.base import OURS_TO_REPAIR
from alerts.models import Delivery, WebhookEndpoint
from alerts.policy.plan import CHANNEL_WORDS
from patients.models import ContactMethod, Staff
from patients.scoping import rows_of
from patients.selectors.people import read_staff
from patients.values.capped_lists import Capped, capped

PAGE = 50
# Messages given up within this many days come first on the page.
DEAD_DAYS = 7
DEAD_MOST = 20
MESSAGES = {
    "staff_alert": "Alert",
    "staff_handover": "Alert handed over",
    "staff_still": "Sign still there after the contact",
    "staff_digest": "Morning message",
    "staff_gaps": "A time without a nurse on call",
    "staff_oncall": "News about on call",
    "staff_muted": "A colleague cannot be reached",
    "staff_setting_outside": "A setting is out of its bounds",
    "operator_seals": "Seals of the records",
    "staff_call_back": "A call back is due",
    "staff_long_work": "Long work is done",
    "contact_code": "Code for a mobile",
    "contact_test": "Test",
    "webhook_event": "Webhook",
    "patient_reminder": "Note about the plan",
    "care_message": "The care team wrote",
    "patient_ask": "How are you today, by text",
    "phone_test": "Test to a phone",
    "patient_call": "How are you today, by a call",
    "helper_alert": "Please open, to a helper",
    "helper_turn": "Whose turn it is, to a helper",
    "helper_unanswered": "Nobody answered yet, to a helper",
}
CHANNELS = {**CHANNEL_WORDS, "webhook": "webhook"}
End = Delivery.CallEnd
# Part of an error -> plain words that say what a person can do. The page shows the provider's words too.
WHY = (
    ("no longer on the staff", "The person no longer works here."),
    ("turned off by the person", "The person turned this way off."),
    ("stopped by the person", "The person texted STOP: only they can undo it, by texting START."),
    ("address on file", "We have no address of this kind."),
    ("somebody opened it", "Somebody told in the same step had opened it already, so nobody was called."),
    ("no longer on call", "Their shift was over, so nobody called them. The plan went on at once."),
    ("device was removed", "The device was removed in the meantime."),
    ("no messages any more", "The browser withdrew its permission. The person can add it again."),
    ("webhook was turned off", "The webhook was turned off."),
    (
        "nobody answered the call",
        "Nobody picked up, or the line was busy. It rings again at the next hour for this patient.",
    ),
    ("too late", "It could not be sent in time. An alert has gone on to its next step meanwhile."),
    ("is not set up", "Whoever runs this installation has not set up this way of sending."),
    (
        OURS_TO_REPAIR,
        "The provider refused it for a reason of ours (our account, sender or limits), not of the address. "
        "Whoever runs this installation has been told; it is tried again.",
    ),
    ("private or special network", "The address leads into a private network, so nothing was sent."),
    ("the system answered", "The receiving system refused it. Ask whoever runs that system."),
    ("no connection:", "Nothing answers at that address. Is that system running, and reachable from outside?"),
    ("no answer in time", "That system took longer than 5 seconds to answer."),
    ("name was not found", "The name in the address was not found. Check its spelling."),
    ("not a mobile number", "This number is not a mobile."),
)

# What more there is to say of a call to staff that ended like this.
CALL_WHY = {
    End.VOICEMAIL: "It heard nothing.",
    End.NO_KEY: "Perhaps it was a machine.",
    End.FAILED: "Check the number.",
}
GOES_ON = "The plan goes on until somebody answers."


@dataclass(frozen=True)
class DeliveryLine:
    """One delivery on the page."""

    row: Delivery
    to: str
    message: str
    channel: str
    why: str

    @property
    def state(self) -> str:
        """The state in words; of a call to staff that is over, how it ended."""
        return self.row.get_call_end_display().capitalize() or self.row.get_state_display()


def newest(clinic_id: int, *, state: str = "", channel: str = "", before: int | None = None) -> list[Delivery]:
    """A clinic's deliveries, newest first: up to one more than fits on a page. before: only ids below this one."""
    rows = rows_of(Delivery, clinic=clinic_id)
    if state:
        rows = rows.filter(state=state)
    if channel:
        rows = rows.filter(channel=channel)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(_with_all(rows)[: PAGE + 1])


def given_up(clinic_id: int, now: datetime) -> Capped[Delivery]:
    """The messages of the last 7 days that were given up, newest first; at most 20."""
    since = now - timedelta(days=DEAD_DAYS)
    rows = rows_of(Delivery, clinic=clinic_id).filter(state=Delivery.State.DEAD, created_at__gte=since)
    return capped(_with_all(rows), DEAD_MOST)


def _with_all(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    return rows.select_related("alert").prefetch_related("actions__staff__user").order_by("-pk")


def as_lines(rows: Iterable[Delivery], clinic_id: int) -> list[DeliveryLine]:
    """The page's lines. They name staff and the clinic's systems, not patients or helpers. Three statements."""
    rows = list(rows)
    ids = [read_staff(row.recipient) for row in rows]
    people = rows_of(Staff, clinic=clinic_id).filter(pk__in={pk for pk, _ in ids if pk}).select_related("user")
    names = {person.pk: person.name for person in people}
    browsers = ContactMethod.objects.filter(
        pk__in={device for _, device in ids if device}, user__staff_roles__clinic_id=clinic_id
    )
    labels = dict(browsers.values_list("pk", "label"))
    systems = dict(rows_of(WebhookEndpoint, clinic=clinic_id).values_list("pk", "description"))
    return [_line(row, names, labels, systems) for row in rows]


def _line(row: Delivery, names: dict[int, str], labels: dict[int, str], systems: dict[int, str]) -> DeliveryLine:
    kind, _, pk = row.recipient.partition(":")
    staff, device = read_staff(row.recipient)
    to = {"patient": "a patient", "caregiver": "a helper", "contact": "a mobile not verified yet"}.get(kind, kind)
    if staff:
        to = names.get(staff, "a member of staff") + (f", {labels.get(device, 'a device')}" if device else "")
    if kind == "webhook" and pk.isdigit():
        to = systems.get(int(pk), "a system of the clinic")
    message = MESSAGES.get(row.message, row.message)
    if row.channel == "webhook":
        message = f"{message} {row.context.get('type', '')}"
    return DeliveryLine(row, to, message, CHANNELS.get(row.channel, row.channel), why(row))


def why(row: Delivery) -> str:
    """The reason why a message was not sent, in plain words; empty when it was sent or has no error."""
    if row.call_end and row.state == Delivery.State.DEAD:
        return " ".join(filter(None, (CALL_WHY.get(End(row.call_end)), GOES_ON if row.alert_id else "")))
    if not row.error or row.state not in (Delivery.State.DEAD, Delivery.State.PENDING, Delivery.State.CANCELLED):
        return ""
    if row.state == Delivery.State.CANCELLED:
        return "Somebody answered first." if row.error == "answered" else row.error
    return in_plain_words(row.error)


def in_plain_words(error: str) -> str:
    """An error as a sentence: the words of WHY, else the error itself."""
    return next((words for mark, words in WHY if mark in error), f"{error[0].upper()}{error[1:]}.")

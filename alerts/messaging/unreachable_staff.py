"""Tell the managers when a member of staff can no longer be reached in some way, because that is a hazard."""

from datetime import datetime, timedelta

from django.db import transaction

from alerts.messaging import outbox
from alerts.models import Delivery
from alerts.screens import live
from patients.models import Staff, StoppedNumber
from patients.permissions import Permission, roles_with
from patients.reaching import contact_outcomes
from patients.selectors.people import contactable

SEND_WITHIN = timedelta(hours=24)


def tell_managers(person: Staff, kind: str, now: datetime) -> None:
    """Tell the managers of the person's clinic, by e-mail, once an hour at most."""
    roles = roles_with(Permission.HEAR_OF_FAULTS)
    managers = Staff.objects.filter(clinic_id=person.clinic_id, role__in=roles, active=True)
    outbox.enqueue_many(
        Delivery(
            key=f"muted:{person.pk}:{kind}:{now:%Y%m%dT%H}:staff:{manager.pk}",
            channel="email",
            recipient=f"staff:{manager.pk}",
            message="staff_muted",
            context={"name": person.name, "kind": kind},
            urgency=1,
            clinic_id=person.clinic_id,
            created_at=now,
            due_at=now,
            send_by=now + SEND_WITHIN,
        )
        for manager in managers
    )
    transaction.on_commit(live.hint_tick)


def note_opted_out(row: Delivery, now: datetime) -> None:
    """Record that the provider refused a message because its reader had sent STOP; tell managers about staff."""
    person = contact_outcomes.note_stop(row.recipient, row.channel, now)
    if person:
        tell_managers(person, row.channel, now)
    elif not row.recipient.startswith("staff:"):
        contact_outcomes.stop_texts(contactable(row.recipient, row.channel).address, now)


def note_no_texts(row: Delivery, now: datetime) -> None:
    """Send no more texts to a patient's or helper's phone, because it is a landline."""
    if not row.recipient.startswith("staff:"):
        number = contactable(row.recipient, row.channel).address
        contact_outcomes.stop_texts(number, now, why=StoppedNumber.Why.LANDLINE)

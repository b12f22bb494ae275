"""Tell the medical lead, once a day, about a stored setting outside its bounds, whose default counts instead."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from alerts.messaging.outbox import enqueue_many
from alerts.models import Delivery
from patients.models import Staff
from patients.permissions import Permission, roles_with
from patients.services.lead import lead_of
from recovery.triage.readable import CONFIG

MESSAGE = "staff_setting_outside"
SEND_WITHIN = timedelta(hours=24)


def tell_lead(clinic_id: int, problems: Iterable[str], now: datetime) -> None:
    """Send the e-mail to the lead, or to the managers when no lead is named; nothing without such a problem."""
    if not any(problem.startswith(CONFIG) for problem in problems):
        return
    lead = lead_of(clinic_id)
    roles = roles_with(Permission.HEAR_OF_FAULTS)
    managers = Staff.objects.filter(clinic_id=clinic_id, role__in=roles, active=True)
    enqueue_many(
        Delivery(
            key=f"outside:{clinic_id}:{now:%Y%m%d}:staff:{one.pk}",
            channel="email",
            recipient=f"staff:{one.pk}",
            message=MESSAGE,
            urgency=1,
            clinic_id=clinic_id,
            created_at=now,
            due_at=now,
            send_by=now + SEND_WITHIN,
        )
        for one in ([lead.staff] if lead else managers)
    )

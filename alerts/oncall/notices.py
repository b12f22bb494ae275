"""“Please open the page On call”: to whoever a change of the week, an offer or a note is about."""

from datetime import datetime, timedelta

from alerts.messaging import outbox
from patients.models import Staff

SEND_WITHIN = timedelta(hours=8)


def tell(staff: Staff, key: str, now: datetime) -> None:
    """One e-mail per person and key; what is new stands on the page. Call in the transaction of the change."""
    outbox.enqueue(
        key=f"{key}:staff:{staff.pk}:email",
        channel="email",
        recipient=f"staff:{staff.pk}",
        message="staff_oncall",
        clinic_id=staff.clinic_id,
        now=now,
        send_by=now + SEND_WITHIN,
    )

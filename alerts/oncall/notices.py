"""The e-mail “Please open the page On call”, for a person whom a change, an offer or a note concerns."""

from datetime import datetime, timedelta

from alerts.messaging import outbox
from patients.models import Staff

SEND_WITHIN = timedelta(hours=8)


def tell(staff: Staff, key: str, now: datetime) -> None:
    """Write one e-mail per person and key; the page shows what is new. Call in the transaction of the change."""
    outbox.enqueue(
        key=f"{key}:staff:{staff.pk}:email",
        channel="email",
        recipient=f"staff:{staff.pk}",
        message="staff_oncall",
        clinic_id=staff.clinic_id,
        now=now,
        send_by=now + SEND_WITHIN,
    )

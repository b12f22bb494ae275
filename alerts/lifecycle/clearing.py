"""A watch sign closes by itself when a new log no longer shows it. Urgent signs and missed call-backs never do."""

from collections.abc import Set
from datetime import datetime

from alerts.lifecycle.patient_status import refresh_status
from alerts.messaging import webhooks
from alerts.messaging.outbox import cancel_for
from alerts.models import Alert, AlertEvent, AlertSign
from patients.models import Patient

# Staff missed a promised call-back. A log does not answer this sign.
CALL_BACK = "call_back_missed"


def clear_watch_signs(*, patient: Patient, present: Set[str], now: datetime) -> None:
    """Resolve open watch signs that are not in present, and a watch alert that has no open sign left.

    The caller holds the patient's row lock. One query when there is nothing to do.
    """
    rows = AlertSign.objects.filter(patient=patient, resolved_at__isnull=True).select_related("alert")
    still_open = list(rows.select_for_update(no_key=True, of=("alert",)))
    gone = [row for row in still_open if row.tier == Alert.Tier.WATCH and row.sign not in {*present, CALL_BACK}]
    if not gone:
        return
    alert = gone[0].alert
    AlertSign.objects.filter(pk__in=[row.pk for row in gone]).update(resolved_at=now)
    keys = sorted(row.sign for row in gone)
    AlertEvent.objects.create(alert=alert, at=now, what="sign_gone", detail={"signs": keys})
    if alert.tier == Alert.Tier.WATCH and len(gone) == len(still_open):
        _close(alert, now)
    refresh_status(patient, alert, now)


def _close(alert: Alert, now: datetime) -> None:
    alert.state = Alert.State.RESOLVED
    alert.outcome = Alert.Outcome.SIGN_GONE
    alert.resolved_at = now
    alert.next_step_at = alert.snoozed_until = None
    alert.save(update_fields=["state", "outcome", "resolved_at", "next_step_at", "snoozed_until"])
    cancel_for(alert)
    AlertEvent.objects.create(alert=alert, at=now, what="resolved", detail={"outcome": alert.outcome})
    webhooks.tell(alert, "alert.resolved", now)

"""The fallback when moving an urgent alert on fails: page the roster's last resort every ten minutes."""

from datetime import datetime, timedelta

from alerts.lifecycle.clock_runs import RUN_FIELDS, restart
from alerts.lifecycle.patient_status import refresh_status
from alerts.messaging import outbox
from alerts.messaging.codes import give_codes
from alerts.models import Alert, AlertEvent, Delivery
from alerts.oncall.roster import rosters
from alerts.policy.plan import URGENT_CHANNELS
from alerts.states import ACTIVE
from patients.status import lock

EVERY_SECONDS = 600
# These ways need neither a plan nor a device.
CHANNELS = ("email", "sms", "call")
EVERYBODY = "whoever can be reached"


def page_plainly(pk: int, now: datetime) -> None:
    """Page Roster.last_resort about one alert, once per ten minutes at most; never for a watch or closed one."""
    patient_id = Alert.objects.values_list("patient_id", flat=True).get(pk=pk)
    lock(patient_id)
    rows = Alert.objects.filter(pk=pk, state__in=ACTIVE).exclude(tier=Alert.Tier.WATCH)
    alert = rows.select_related("patient").select_for_update(no_key=True, of=("self",)).first()
    key = f"alert:{pk}:plainly:{int(now.timestamp()) // EVERY_SECONDS}"
    if alert is None or Delivery.objects.filter(alert=pk, key__startswith=f"{key}:").exists():
        return
    _open_again(alert, now)
    told = rosters([alert.clinic_id], now)[alert.clinic_id].last_resort(URGENT_CHANNELS)
    outbox.enqueue_many(
        _message(alert, f"{key}:staff:{person.pk}:{channel}", f"staff:{person.pk}", channel, now)
        for person, channel in told
        if channel in CHANNELS
    )
    names = {person.pk: person.name for person, _ in told}
    detail = {"audience": EVERYBODY, "staff": names, "channels": sorted({channel for _, channel in told})}
    AlertEvent.objects.create(alert=alert, at=now, what="told", detail=detail)


def _open_again(alert: Alert, now: datetime) -> None:
    """Open a taken alert again, because its holder ran out of time, and give it a code."""
    give_codes([alert])
    if alert.state == Alert.State.ACKED:
        AlertEvent.objects.create(alert=alert, at=now, what="ack_expired", detail={"staff": alert.acked_by_id})
        restart(alert, now)
    alert.save(update_fields=[*RUN_FIELDS, "ack_code"])
    refresh_status(alert.patient, alert, now)


def _message(alert: Alert, key: str, recipient: str, channel: str, now: datetime) -> Delivery:
    return Delivery(
        key=key,
        channel=channel,
        recipient=recipient,
        message="staff_alert",
        context={"code": alert.ack_code},
        alert=alert,
        urgency=outbox.urgency_of(alert.tier),
        created_at=now,
        due_at=now,
        send_by=now + timedelta(seconds=EVERY_SECONDS),
    )

"""Keep the patient's place on the worklist in step with their alert."""

from datetime import datetime
from functools import cache

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from alerts.lifecycle import ranking
from alerts.models import Alert, AlertSign
from alerts.screens import live
from patients.models import Patient
from patients.status import rest_rank, set_status


@cache
def silence_sign() -> str:
    """The key of the sign that stands for silence; settings.SILENCE_SIGN names the function that returns it."""
    return str(import_string(settings.SILENCE_SIGN)())


def refresh_status(patient: Patient, alert: Alert | None, now: datetime, *, silent: bool | None = None) -> None:
    """Write work_rank, waiting_since and nurse_priority in one UPDATE. On commit, tell the screens and the tick.

    silent: whether the sign of silence is open. None: one query finds out, for a watch alert only.
    """
    clinic_id = patient.clinic_id
    if alert is None or alert.state == Alert.State.RESOLVED:
        set_status(patient.pk, work_rank=rest_rank(), nurse_priority="")
    else:
        if silent is None:
            silent = alert.tier == Alert.Tier.WATCH and _is_silent(alert)
        snoozed = alert.snoozed_until is not None
        place = ranking.rank(
            state=alert.state, tier=alert.tier, priority=alert.priority, silent=silent, snoozed=snoozed
        )
        set_status(
            patient.pk, work_rank=place, nurse_priority=alert.priority, waiting_since=alert.clock_started_at
        )
    transaction.on_commit(lambda: live.publish(clinic_id))
    if alert is not None and alert.next_step_at is not None and alert.next_step_at <= now:
        transaction.on_commit(live.hint_tick)


def _is_silent(alert: Alert) -> bool:
    return AlertSign.objects.filter(alert=alert, sign=silence_sign(), resolved_at__isnull=True).exists()

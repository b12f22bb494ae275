"""A process's clock is an hour off: only the database's clock counts."""

import uuid
from datetime import timedelta
from unittest.mock import patch

from django.utils import timezone

from alerts.clock import db_now
from alerts.models import AlertEvent
from faults.stage import Stage, sweep_at
from tests.recovery.conftest import BREATHLESS, CALM


def a_web_machine_with_a_wrong_clock_delays_nothing(stage: Stage) -> None:
    real = timezone.now
    with patch("django.utils.timezone.now", lambda: real() + timedelta(hours=1)):
        body = {"client_id": str(uuid.uuid4()), "answers": {**CALM, **BREATHLESS}}
        assert stage.phone().post("/api/logs/", body, content_type="application/json").status_code == 201
    assert stage.alert().opened_at <= db_now()  # an alert in the future would be told too, with a wrong age
    assert sweep_at()["sent"] == 2


def a_driver_with_a_wrong_clock_is_neither_early_nor_late(stage: Stage) -> None:
    real = timezone.now
    alert = stage.red()
    with patch("django.utils.timezone.now", lambda: real() - timedelta(hours=1)):
        assert sweep_at()["sent"] == 2
    with patch("django.utils.timezone.now", lambda: real() + timedelta(hours=1)):
        assert sweep_at()["sent"] == 0
    assert AlertEvent.objects.filter(alert=alert, what="told").count() == 1

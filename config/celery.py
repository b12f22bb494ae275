"""The Celery app and its beat schedule. Beat only gives the tick; rows in PostgreSQL decide what is due."""

import os
from typing import Any

from celery import Celery, bootsteps
from django.utils.module_loading import import_string

from patients.wall.check import refuse_too_strong
from patients.wall.roles import SWEEPS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("kypho")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["alerts", "recovery"])


class KnowsItsPlace(bootsteps.Step):
    """Stops a worker whose database role is too strong, or whose kind (demo or real) differs from the database."""

    def __init__(self, worker: Any, **options: Any) -> None:
        refuse_too_strong(SWEEPS)
        # Imported here because the models are not loaded earlier.
        import_string("patients.installation.refuse_another_kind")()
        import_string("patients.rotation.check.refuse_missing_keys")()


app.steps["worker"].add(KnowsItsPlace)

app.conf.beat_schedule = {
    # expires: a tick that waited too long in the queue is dropped, because the next one does its work.
    "tick": {"task": "alerts.tick", "schedule": 2.0, "options": {"expires": 10}},
    "digests": {"task": "recovery.send_due_digests", "schedule": 60.0, "options": {"expires": 120}},
    "old-sessions": {"task": "alerts.forget_old_sessions", "schedule": 3600.0},
    "trail": {"task": "alerts.ship_trail", "schedule": 5.0, "options": {"expires": 10}},
    "sweep-unjudged": {"task": "recovery.sweep_unjudged", "schedule": 15.0, "options": {"expires": 30}},
    "sweep-all-unjudged": {"task": "recovery.sweep_all_unjudged", "schedule": 3600.0},
    "sealed": {"task": "recovery.open_sealed", "schedule": 15.0, "options": {"expires": 30}},
    "old-envelopes": {"task": "recovery.take_out_envelopes", "schedule": 3600.0},
    "call-backs": {"task": "recovery.notice_call_backs", "schedule": 10.0, "options": {"expires": 30}},
    "travels": {"task": "recovery.end_travels", "schedule": 60.0, "options": {"expires": 120}},
    "turns": {"task": "recovery.tell_turns", "schedule": 30.0, "options": {"expires": 60}},
    "long-work": {"task": "recovery.do_long_work", "schedule": 2.0, "options": {"expires": 10}},
    "old-sheets": {"task": "recovery.forget_sheets", "schedule": 3600.0},
    # One run takes up to 25 seconds: when many notes are due, several workers run it at once.
    "reminders": {"task": "recovery.send_due_reminders", "schedule": 10.0, "options": {"expires": 60}},
    "seals": {"task": "recovery.seal_records", "schedule": 600.0, "options": {"expires": 600}},
    "plans-and-silence": {"task": "recovery.refresh_plans", "schedule": 10.0, "options": {"expires": 60}},
}

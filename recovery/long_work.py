"""Goes on with long work that people started, a slice of each job at a time, and tells them when it is over."""

import time
from datetime import datetime, timedelta

from django.db.models import QuerySet

from alerts.messaging.outbox import enqueue
from alerts.sweeping.one_by_one import LONG_SECONDS, Sweep, walk
from patients.importing.rows import CHECK, IMPORT
from patients.models import Job
from patients.services.jobs import SLICE_SECONDS, JobKind, step

# Every kind of long work: a new one is one line here.
KINDS: dict[str, JobKind] = {kind.name: kind for kind in (CHECK, IMPORT)}
MESSAGE = "staff_long_work"
# Whoever waited less still looks at the page.
TELL_AFTER = timedelta(seconds=60)
SEND_WITHIN = timedelta(hours=8)


def go_on(now: datetime, seconds: float = LONG_SECONDS) -> int:
    """Do one slice of each job that is under way; returns of how many jobs."""
    return walk(JOBS, now, seconds=seconds)


def _due(now: datetime) -> QuerySet[Job]:
    return Job.objects.filter(due_at__lte=now)


def _one_slice(pk: int, now: datetime) -> bool:
    kind = KINDS[Job.objects.values_list("kind", flat=True).get(pk=pk)]
    until = time.monotonic() + SLICE_SECONDS
    job = step(pk, kind, now, lambda: time.monotonic() > until)
    if job is not None and not job.is_open and now - job.asked_at > TELL_AFTER:
        _tell(job, now)
    return job is not None


def _tell(job: Job, now: datetime) -> None:
    """Write one e-mail that only says “please open”."""
    enqueue(
        key=f"job:{job.pk}:staff:{job.asked_by_id}:email",
        channel="email",
        recipient=f"staff:{job.asked_by_id}",
        message=MESSAGE,
        clinic_id=job.clinic_id,
        now=now,
        send_by=now + SEND_WITHIN,
    )


JOBS = Sweep(
    name="jobs",
    words="Long work that somebody started",
    due=_due,
    handle=_one_slice,
    order=("due_at", "pk"),
    can_wait=True,
)

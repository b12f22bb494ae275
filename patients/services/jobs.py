"""Long work: a person starts a job, a sweep does a slice of it at a time, anybody of the clinic may cancel it.

A slice is one transaction: what it did and the place where the next one begins are stored together. So a process
that dies loses one slice, which is done again, and a job is never done twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from patients.models import Clinic, Job, Staff
from patients.permissions import Permission, may
from patients.services.errors import NotPossible

# How long a slice of the sweep takes, and the first, which a page does so that small work is done at once.
SLICE_SECONDS, FIRST_SECONDS = 2.0, 1.5
BUSY = "Another one is still under way. Wait until it is done, or cancel it."
NOT_ANY_MORE = "Stopped: whoever started it may not do this any more. What was done before stays."


@dataclass(frozen=True)
class Slice:
    """What one slice did. place: where the next begins; over: whether that was all; said: what came of it."""

    done: int
    place: int
    over: bool
    said: str = ""


@dataclass(frozen=True)
class JobKind:
    """One kind of long work. words: what it is, for staff; needs: what whoever starts it must be allowed to do.

    work: does parts until `enough()` is true, and notes itself which part failed; returns the slice.
    """

    name: str
    words: str
    needs: Permission
    work: Callable[[Job, datetime, Callable[[], bool]], Slice]


def ask(*, staff: Staff, kind: JobKind, about: int, total: int, page: str, now: datetime) -> Job:
    """Start a job. Raises NotPossible while the clinic has one of this kind. page: where it is shown."""
    try:
        with transaction.atomic():
            return Job.objects.create(
                clinic=staff.clinic,
                asked_by=staff,
                asked_at=now,
                kind=kind.name,
                title=kind.words,
                page=page,
                about=about,
                total=total,
                due_at=now,
            )
    except IntegrityError:
        raise NotPossible(BUSY) from None


def cancel(*, job: Job, now: datetime) -> bool:
    """Cancel a job after the slice that is being done; returns False when it was over. What was done stays."""
    open_one = Job.objects.filter(pk=job.pk, ended_at__isnull=True)
    return bool(open_one.update(state=Job.State.CANCELLED, due_at=None, ended_at=now))


def open_job(clinic: Clinic, kind: JobKind) -> Job | None:
    """Return the clinic's job of this kind that is under way."""
    return Job.objects.filter(clinic=clinic, kind=kind.name, ended_at__isnull=True).first()


def step(pk: int, kind: JobKind, now: datetime, enough: Callable[[], bool]) -> Job | None:
    """Do one slice of a job; returns it, or None when another process has it or it is over."""
    with transaction.atomic():
        rows = Job.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
        job = rows.select_related("asked_by__user", "clinic").filter(pk=pk, ended_at__isnull=True).first()
        if job is None:
            return None
        if not (may(job.asked_by, kind.needs) and job.asked_by.user.is_active):
            _end(job, Job.State.STOPPED, NOT_ANY_MORE, now)
        else:
            did = kind.work(job, now, enough)
            job.done, job.place = min(job.total, job.done + did.done), did.place
            # Behind the jobs of others, so that a large one does not keep small ones waiting.
            job.due_at = now
            if did.over:
                _end(job, Job.State.DONE, did.said, now)
        job.save(update_fields=["done", "place", "due_at", "state", "said", "ended_at"])
    return job


def _end(job: Job, state: str, said: str, now: datetime) -> None:
    job.state, job.said, job.ended_at, job.due_at = state, said, now, None

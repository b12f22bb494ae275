"""Long work: a row for each job that a person started and that takes longer than a page may."""

import uuid

from django.db import models
from django.db.models import F, Q

from patients.models.clinic import Clinic
from patients.models.fields import moments
from patients.models.staff import Staff


class Job(models.Model):
    """One job. Under way until ended_at; the sweep does a slice of it at a time (patients.services.jobs)."""

    class State(models.TextChoices):
        OPEN = "open", "Under way"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        STOPPED = "stopped", "Stopped"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="jobs")
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="jobs")
    asked_at = models.DateTimeField()
    kind = models.CharField(max_length=24)
    # What it is, in words, and the address of its page on this site.
    title = models.CharField(max_length=80)
    page = models.CharField(max_length=200)
    # The id of the row that the kind works on, such as a sheet of patients.
    about = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    # How many parts there are, how many are done, and the place (of the kind's own) where the next slice begins.
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    place = models.BigIntegerField(default=0)
    # When the sweep goes on with it; null once it is over.
    due_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # What came of it, in a sentence for whoever asked; never about a patient.
    said = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "kind"], condition=Q(ended_at__isnull=True), name="one_job_of_a_kind_at_a_time"
            ),
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="no_more_is_done_than_there_is"),
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True, due_at__isnull=False)
                | (~Q(state="open") & Q(ended_at__isnull=False, due_at__isnull=True)),
                name="a_job_is_due_until_it_is_over",
            ),
            moments("a_job_is_in_years_of_care", "asked_at", "due_at", "ended_at"),
        ]
        indexes = [
            # the sweep: jobs to go on with
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="jobs_due"),
        ]

    def __str__(self) -> str:
        return f"job {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it is still under way."""
        return self.state == self.State.OPEN

    @property
    def percent(self) -> int:
        """How much is done, 0 to 100."""
        return 100 * self.done // self.total if self.total else 0

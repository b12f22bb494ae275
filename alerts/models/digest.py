"""The digest: one quiet message each morning with the number of watch items and of patients with unread notes."""

from django.db import models
from django.db.models import Q

from patients.models import Clinic


class Digest(models.Model):
    """The digest of one clinic on one local day. The row exists before the message is sent."""

    class State(models.TextChoices):
        PENDING = "pending", "Waiting for its morning"
        SENT = "sent", "Handed to the outbox"
        NOTHING = "nothing", "Nothing waited"
        MISSED = "missed", "The day was over"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="digests")
    local_date = models.DateField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    items = models.PositiveIntegerField(default=0)
    # Patients with an unread note.
    notes = models.PositiveIntegerField(default=0, db_default=0)
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "local_date"], name="one_digest_per_clinic_and_morning"),
            models.UniqueConstraint(
                fields=["clinic"], condition=Q(state="pending"), name="one_coming_digest_per_clinic"
            ),
        ]
        indexes = [
            # the tick: digests that are due
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="digests_due"),
        ]

    def __str__(self) -> str:
        return f"{self.clinic_id} {self.local_date}"

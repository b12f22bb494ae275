"""What stands in calendars, so that a date that moved changes the same entry there."""

import uuid

from django.db import models

from patients.models import Procedure
from patients.models.fields import moments


class CalendarEntry(models.Model):
    """One visit or step of a recovery as calendar apps know it."""

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="calendar_entries")
    # Its name in calendars (RFC 5545, UID).
    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # A milestone's id, or visit:1 for the first visit.
    key = models.CharField(max_length=24)
    starts_at = models.DateTimeField()
    # Counts its changes (RFC 5545, SEQUENCE).
    sequence = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["procedure", "key"], name="a_calendar_entry_once_per_recovery"),
            moments("a_calendar_entry_is_in_years_of_care", "starts_at", "changed_at", "cancelled_at"),
        ]

    def __str__(self) -> str:
        return f"{self.key} of procedure {self.procedure_id}"

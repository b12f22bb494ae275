"""The stored plan of a recovery: the status of each milestone, and its notes."""

from django.db import models
from django.db.models import Q

from alerts.models import Delivery
from patients.models import Procedure
from patients.models.fields import moments


class Milestone(models.Model):
    """The status of one milestone (clinical rules, Milestones) for one procedure, as last computed."""

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="milestones")
    key = models.CharField(max_length=24)
    status = models.CharField(max_length=16)
    # Reason codes of the gates that hold it, in order.
    held_by = models.JSONField(default=list, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    # Keys of the notes of a step withheld on or after its date, until a clinician sets a day again.
    held_back = models.JSONField(default=list, blank=True)
    # When the day that is held back had been set (Procedure.thinner_restart_set_at).
    held_back_set_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["procedure", "key"], name="a_milestone_once_per_procedure"),
        ]

    def __str__(self) -> str:
        return f"{self.key} of procedure {self.procedure_id}"


class Reminder(models.Model):
    """One note of a milestone or one 'please log'. It is sent once, and its gates are checked again when due."""

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        SENT = "sent", "Queued to send"
        DROPPED = "dropped", "Not needed any more"
        # TAKEN_BACK: a date moved, so the note's time is ahead again; a new row will be due.
        TAKEN_BACK = "taken_back", "Taken back: it had come too early"

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="reminders")
    # Says what and when: M-DRIVE-48H, M-BRACE:2026-11-21, log:2026-11-21:10, back:2026-11-21T10:12
    key = models.CharField(max_length=60)
    milestone = models.CharField(max_length=24, blank=True)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=60, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True, blank=True)
    # The recovery whose dates count now; after a second procedure not the note's own.
    taken_back_for = models.ForeignKey(
        Procedure, on_delete=models.PROTECT, null=True, blank=True, related_name="taken_back"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["procedure", "key"], condition=~Q(state="taken_back"), name="a_note_once_per_key"
            ),
            models.CheckConstraint(
                condition=Q(state="taken_back", taken_back_at__isnull=False, taken_back_for__isnull=False)
                | (~Q(state="taken_back") & Q(taken_back_at__isnull=True, taken_back_for__isnull=True)),
                name="a_note_taken_back_says_when_and_for_which_recovery",
            ),
            moments("a_note_is_due_in_years_of_care", "due_at"),
            models.CheckConstraint(
                condition=Q(state="pending", handled_at__isnull=True)
                | (~Q(state="pending") & Q(handled_at__isnull=False)),
                name="a_handled_note_says_when",
            ),
        ]
        indexes = [
            # the reminder sweep: what is due
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="reminders_due"),
        ]

    def __str__(self) -> str:
        return self.key

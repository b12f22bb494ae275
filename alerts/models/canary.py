"""The canary's rounds. Each sends one made-up urgent log and records whether it was answered in time."""

from django.db import models
from django.db.models import Q


class CanaryRun(models.Model):
    """One round. It waits until due_at, sends its log, and ends answered or missed."""

    class State(models.TextChoices):
        WAITING = "waiting", "Not over yet"
        ANSWERED = "answered", "Answered in time"
        MISSED = "missed", "Not answered in time"

    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField()
    # When the log was sent, and its id.
    sent_at = models.DateTimeField(null=True, blank=True)
    client_id = models.UUIDField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="waiting"), name="one_coming_canary_round"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at__isnull=True)
                | (~Q(state="waiting") & Q(ended_at__isnull=False)),
                name="a_canary_round_that_is_over_says_when",
            ),
        ]
        indexes = [models.Index(fields=["-due_at"], name="canary_rounds_newest_first")]

    def __str__(self) -> str:
        return f"canary round of {self.due_at:%Y-%m-%d %H:%M}"

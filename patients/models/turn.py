"""Turns of helpers: one has the job of another for a time."""

from django.db import models
from django.db.models import F, Q

from patients.models.caregiver import Caregiver
from patients.models.fields import moments
from patients.models.patient import Patient
from patients.models.staff import User


class HelperTurn(models.Model):
    """Until due_at the taker gets the giver's notes. It is over at due_at or ended_at, whichever is first."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="helper_turns")
    giver = models.ForeignKey(Caregiver, on_delete=models.PROTECT, related_name="given_turns")
    taker = models.ForeignKey(Caregiver, on_delete=models.PROTECT, related_name="taken_turns")
    began_at = models.DateTimeField()
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # When the taker was told that it begins, and the giver that it is over.
    taker_told_at = models.DateTimeField(null=True, blank=True)
    giver_told_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["giver"], condition=Q(ended_at__isnull=True), name="a_helper_hands_over_once_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="nobody_hands_over_to_themselves"),
            models.CheckConstraint(condition=Q(due_at__gt=F("began_at")), name="a_turn_comes_to_an_end"),
            moments(
                "a_turn_is_in_years_of_care", "began_at", "due_at", "ended_at", "taker_told_at", "giver_told_at"
            ),
        ]
        indexes = [
            # the sweep: turns of which somebody must be told
            models.Index(fields=["due_at"], condition=Q(giver_told_at__isnull=True), name="turns_due"),
            # whose turn it is now
            models.Index(fields=["patient"], condition=Q(ended_at__isnull=True), name="turns_of_a_patient"),
        ]

    def __str__(self) -> str:
        return f"turn {self.pk}"

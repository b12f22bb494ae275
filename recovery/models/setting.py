"""A clinic's settings for all its patients: proposed, signed, and kept for ever."""

from django.db import models
from django.db.models import F, Q

from patients.models import Clinic, Staff
from patients.models.fields import moments
from patients.models.json_bounds import NUMBERS_RULE, JsonRule


class ClinicSetting(models.Model):
    """One value of a key of triage/config.py from a moment on, with who proposed it, when, why, and who signed.

    The rows are the history. At any moment the row counts that has begun and was not replaced
    (settings.clinic_config), so no job has to switch settings on.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "Waits for the medical lead"
        ACTIVE = "active", "Set"
        REFUSED = "refused", "Not set"
        ENDED = "ended", "Replaced"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="rule_settings")
    key = models.CharField(max_length=40)
    value = models.JSONField()
    # Less strict than the default or than the value that counted when it was proposed.
    loosens = models.BooleanField()
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State)
    effective_from = models.DateTimeField()
    proposed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    signed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    # Who replaced, refused or withdrew it, and since when it no longer counts.
    ended_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "key"], condition=Q(state="active"), name="one_live_setting_per_key"
            ),
            models.UniqueConstraint(
                fields=["clinic", "key"], condition=Q(state="proposed"), name="one_open_proposal_per_key"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "active", "refused", "ended"]),
                name="a_setting_has_a_known_state",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_setting_says_why"),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "refused"]) | Q(loosens=False) | Q(signed_by__isnull=False),
                name="a_looser_setting_counts_only_signed",
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True, signed_at__isnull=True)
                | Q(signed_by__isnull=False, signed_at__isnull=False, effective_from__gte=F("signed_at")),
                name="a_signature_says_when_and_never_reaches_back",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "active"], ended_by__isnull=True, ended_at__isnull=True)
                | Q(state__in=["refused", "ended"], ended_by__isnull=False, ended_at__isnull=False),
                name="a_setting_that_is_over_says_who_and_when",
            ),
            moments("a_setting_counts_in_years_of_care", "effective_from", "ended_at"),
            JsonRule(name="numbers_of_a_setting_are_possible", sql=NUMBERS_RULE),
        ]
        indexes = [models.Index(fields=["clinic", "effective_from"], name="settings_of_a_clinic")]

    def __str__(self) -> str:
        return f"{self.key} of clinic {self.clinic_id}"

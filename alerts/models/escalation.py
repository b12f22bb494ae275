"""Escalation policies: whom a clinic tells, in which order and after which wait. The last step repeats."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from alerts.models.alert import Alert
from patients.models import Clinic, Staff


class EscalationPolicy(models.Model):
    """A clinic's escalation plan for one tier. Each alert carries a copy of it."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="policies")
    tier = models.CharField(max_length=16, choices=Alert.Tier)
    # Minutes between repeats of the last step, until a person answers.
    repeat_minutes = models.PositiveSmallIntegerField(default=5)
    # Minutes after which an acknowledgement without contact or outcome runs out.
    ack_minutes = models.PositiveSmallIntegerField(default=10)

    class Meta:
        verbose_name_plural = "escalation policies"
        constraints = [
            models.UniqueConstraint(fields=["clinic", "tier"], name="one_policy_per_clinic_and_tier"),
            models.CheckConstraint(
                condition=Q(repeat_minutes__gte=1, repeat_minutes__lte=60), name="the_last_step_repeats"
            ),
            models.CheckConstraint(
                condition=Q(ack_minutes__gte=1, ack_minutes__lte=60), name="an_acknowledgement_runs_out"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tier} of {self.clinic}"


class EscalationPolicyChange(models.Model):
    """One save of a policy: who, when, why, and the whole plan from then on. Rows are only ever added."""

    policy = models.ForeignKey(EscalationPolicy, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    # In the form that an alert carries (alerts.policy.plan.Plan).
    plan = models.JSONField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="a_change_of_a_policy_says_why")]
        indexes = [models.Index(fields=["policy", "-at"], name="changes_of_a_policy")]

    def __str__(self) -> str:
        return f"change of policy {self.policy_id}"


class EscalationStep(models.Model):
    """One step: tell a role or a person by some channels, wait_minutes after the step before."""

    class Audience(models.TextChoices):
        NURSE_ON_CALL = "nurse_on_call", "Nurse on call"
        ALL_NURSES = "all_nurses", "All nurses"
        PHYSICIAN = "physician", "Physician"
        MANAGER = "manager", "Manager"
        EVERYONE = "everyone", "Everyone"
        PERSON = "person", "A person"

    policy = models.ForeignKey(EscalationPolicy, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    wait_minutes = models.PositiveSmallIntegerField(default=0)
    audience = models.CharField(max_length=16, choices=Audience)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    channels = ArrayField(models.CharField(max_length=10), default=list)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "position"], name="one_step_per_position"),
            models.CheckConstraint(
                condition=Q(audience="person", staff__isnull=False)
                | (~Q(audience="person") & Q(staff__isnull=True)),
                name="a_step_names_a_role_or_a_person",
            ),
            models.CheckConstraint(condition=Q(wait_minutes__lte=60), name="a_step_waits_at_most_an_hour"),
            models.CheckConstraint(condition=~Q(channels=[]), name="a_step_has_a_channel"),
        ]

    def __str__(self) -> str:
        return f"step {self.position} of policy {self.policy_id}"

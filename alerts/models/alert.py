"""The alert that staff answer, the signs that fired (AlertSign), and its history (AlertEvent)."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from alerts import states
from alerts.states import ACTIVE
from patients import tiers
from patients.models import Clinic, Patient, Staff
from patients.models.fields import moments
from patients.tiers import SHORT_LABELS

SNOOZE_MOST = timedelta(days=7)


class Alert(models.Model):
    """An alert escalates until a named person answers it. A patient has at most one active alert.

    States: open (waits for an answer), acked (a person has it until ack_expires_at), resolved.
    """

    class State(models.TextChoices):
        OPEN = states.OPEN, "Waiting"
        ACKED = states.ACKED, "Taken"
        RESOLVED = states.RESOLVED, "Closed"

    class Tier(models.TextChoices):
        WATCH = tiers.WATCH, SHORT_LABELS[tiers.WATCH]
        CALL_DOCTOR_NOW = tiers.CALL_DOCTOR_NOW, SHORT_LABELS[tiers.CALL_DOCTOR_NOW]
        CALL_911 = tiers.CALL_911, SHORT_LABELS[tiers.CALL_911]

    class Outcome(models.TextChoices):
        ADVISED = "advised", "Talked and advised"
        SEEN_IN_CLINIC = "seen_in_clinic", "Examined in person"
        SENT_TO_ER = "sent_to_er", "Went to the emergency room"
        EXPECTED = "expected", "Expected course, no action"
        ENTERED_IN_ERROR = "entered_in_error", "Logged by mistake"
        SIGN_GONE = "sign_gone", "Watch sign gone in a later log"

    class Worth(models.TextChoices):
        USEFUL = "useful", "Useful"
        NOT_USEFUL = "not_useful", "Not useful"
        UNSURE = "unsure", "Unsure"

    class WorthReason(models.TextChoices):
        CHANGED_CARE = "changed_care", "It changed what we did"
        KNOWN = "known", "We knew it already"
        EXPECTED = "expected", "Expected at this stage"
        MISTAKE = "mistake", "Answered by mistake"
        TOO_SENSITIVE = "too_sensitive", "The rule is too sensitive"
        OTHER = "other", "Something else"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="alerts")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="alerts")
    tier = models.CharField(max_length=16, choices=Tier)
    priority = models.CharField(max_length=2, default="P4")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    # A copy of the escalation plan from when the alert opened or was upgraded. Editing a policy changes no alert.
    plan = models.JSONField()
    # The tier of the plan when it is not the alert's own. A sign that cannot wait for a call back is paged as an
    # emergency, although the patient is told to call the doctor now (clinical rules, DF-47).
    plan_of = models.CharField(max_length=16, choices=Tier, blank=True)
    round = models.PositiveIntegerField(default=0)
    step = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    # When the plan's next step is due; while acked, when the acknowledgement runs out.
    next_step_at = models.DateTimeField(null=True, blank=True)
    # The start of the present run of the clock: when the alert opened, or was last upgraded or re-opened.
    clock_started_at = models.DateTimeField()
    reopened = models.PositiveIntegerField(default=0)
    acked_at = models.DateTimeField(null=True, blank=True)
    acked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ack_expires_at = models.DateTimeField(null=True, blank=True)
    contacted_at = models.DateTimeField(null=True, blank=True)
    # The call-back promised to the patient. The alert opens again when it passes, as with next_check_at.
    call_back_by = models.DateTimeField(null=True, blank=True)
    # When the team itself wants to look again.
    next_check_at = models.DateTimeField(null=True, blank=True)
    # By when the patient must be examined in person, and who told them so; kept until the next contact.
    seen_by = models.DateTimeField(null=True, blank=True)
    seen_by_said_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # When the holder was told that a log after the contact still has a sign that must be examined.
    told_again_at = models.DateTimeField(null=True, blank=True)
    # Calls that the patient did not answer since the last contact.
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)
    tried_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # Until when acked_by snoozed this watch item; next_step_at is the same time.
    snoozed_until = models.DateTimeField(null=True, blank=True)
    snooze_reason = models.CharField(max_length=200, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    outcome_note = models.TextField(max_length=2000, blank=True)
    # Six digits, set before the first message. Staff who reply by SMS name the alert by them.
    ack_code = models.CharField(max_length=6, blank=True)
    # Whether the alert was worth a person's time, by the person who closed it; empty when they were not asked.
    worth = models.CharField(max_length=10, choices=Worth, blank=True)
    worth_reason = models.CharField(max_length=16, choices=WorthReason, blank=True)
    worth_note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ack_code"],
                condition=Q(state__in=list(ACTIVE)) & ~Q(ack_code=""),
                name="one_active_alert_per_ack_code",
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(state__in=list(ACTIVE)),
                name="one_active_alert_per_patient",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(ACTIVE), next_step_at__isnull=False)
                | Q(state="resolved", next_step_at__isnull=True),
                name="active_if_and_only_if_scheduled",
            ),
            models.CheckConstraint(
                condition=~Q(state="acked")
                | Q(acked_by__isnull=False, acked_at__isnull=False, ack_expires_at__isnull=False),
                name="acknowledged_only_by_a_named_person",
            ),
            models.CheckConstraint(
                condition=(Q(state="resolved", resolved_at__isnull=False) & ~Q(outcome=""))
                | (~Q(state="resolved") & Q(resolved_at__isnull=True, outcome="")),
                name="resolved_only_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(state="resolved") | Q(tier=tiers.WATCH) | Q(resolved_by__isnull=False),
                name="an_urgent_alert_is_resolved_by_a_named_person",
            ),
            models.CheckConstraint(
                condition=Q(snoozed_until__isnull=True)
                | (
                    Q(tier=tiers.WATCH, state="acked", snoozed_until__lte=F("acked_at") + SNOOZE_MOST)
                    & ~Q(snooze_reason="")
                ),
                name="only_watch_is_snoozed_with_a_reason_for_a_week_at_most",
            ),
            models.CheckConstraint(
                condition=Q(seen_by__isnull=True) | Q(seen_by_said_by__isnull=False),
                name="to_be_seen_by_is_said_by_a_named_person",
            ),
            models.CheckConstraint(
                condition=Q(told_again_at__isnull=True) | Q(state="acked"),
                name="only_whoever_has_an_alert_is_told_again",
            ),
            models.CheckConstraint(
                condition=Q(tries=0) | Q(tried_at__isnull=False, tried_by__isnull=False),
                name="a_try_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(worth__in=["", "useful", "not_useful", "unsure"]),
                name="worth_is_useful_not_useful_or_unsure",
            ),
            moments(
                "times_of_an_alert_are_in_years_of_care",
                "opened_at",
                "next_step_at",
                "clock_started_at",
                "ack_expires_at",
                "call_back_by",
                "next_check_at",
                "snoozed_until",
            ),
        ]
        indexes = [
            # the tick: alerts that are due now
            models.Index(fields=["next_step_at"], condition=Q(state__in=list(ACTIVE)), name="alerts_due"),
            # the board: active alerts of a clinic
            models.Index(
                fields=["clinic", "tier"],
                condition=Q(state__in=list(ACTIVE)),
                name="alerts_on_the_board",
            ),
            # the operator's figures: alerts opened lately
            models.Index(fields=["opened_at"], name="alerts_by_opening"),
            # the chart: all alerts of a patient, newest first
            models.Index(fields=["patient", "-opened_at"], name="alerts_of_a_patient"),
        ]

    def __str__(self) -> str:
        return str(self.code)

    @property
    def plan_tier(self) -> str:
        """The tier whose plan runs."""
        return self.plan_of or self.tier

    @property
    def waits_for_a_person(self) -> bool:
        """Can staff take it? Its holder can too, when a log after their contact still has the sign."""
        return self.state == self.State.OPEN or self.told_again_at is not None


class AlertSign(models.Model):
    """One sign of the clinical rules that fired, and how far staff have answered it."""

    class Ack(models.TextChoices):
        NONE = "none", "Not seen"
        SEEN = "seen", "Seen"
        CONTACTED = "contacted", "Spoke with patient"
        EVALUATED = "evaluated", "Examined in person"

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="signs")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="signs")
    sign = models.CharField(max_length=40)
    tier = models.CharField(max_length=16, choices=Alert.Tier)
    # Hours after a contact within which the patient must be examined for it; null: a contact is enough.
    seen_within_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    ack = models.CharField(max_length=10, choices=Ack, default=Ack.NONE)
    acked_at = models.DateTimeField(null=True, blank=True)
    # Values at opening, refreshed at each contact (log_schema, alert object).
    snapshot = models.JSONField(default=dict, blank=True)
    # Values of the newest log that had the sign.
    latest = models.JSONField(default=dict, blank=True)
    # Why the rule fired, in words with numbers, as on the chart. Empty: only the sign's name is known.
    reason = models.TextField(max_length=1200, blank=True, default="", db_default="")
    occurrences = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "sign"],
                condition=Q(resolved_at__isnull=True),
                name="one_open_sign_per_patient",
            ),
            models.CheckConstraint(
                condition=Q(ack="none", acked_at__isnull=True) | (~Q(ack="none") & Q(acked_at__isnull=False)),
                name="an_answered_sign_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sign} of {self.patient_id}"


class AlertEvent(models.Model):
    """One thing that happened to an alert. Rows are only ever added: a trigger refuses UPDATE and DELETE."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    what = models.CharField(max_length=40)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(max_length=2000, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [
            # an alert's history, in order
            models.Index(fields=["alert", "at", "id"], name="events_of_an_alert"),
            # every sweep: events in the future, which exist after the clock was set back
            models.Index(fields=["at"], name="events_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.what} of alert {self.alert_id}"

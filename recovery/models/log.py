"""A patient's words (DailyLog) and what the rules made of them (Assessment)."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Least
from django.utils.functional import cached_property

from alerts.models import Alert
from patients.models import Patient, Procedure, User
from patients.models.fields import moments
from patients.tiers import TIERS, URGENT, heading
from recovery.wording import left_over
from recovery.wording.log_words import Said, is_er_now, said, says_words

# A phone that was offline for longer than this told us late.
LATE_AFTER = timedelta(hours=1)
# What a log holds beside its words.
HOW_IT_CAME = ("door", "step_seconds")


class DailyLog(models.Model):
    """What somebody told us, as they told it. Never edited, only superseded: a trigger refuses UPDATE."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="logs")
    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="logs")
    # Made by the phone, once per log: sending the same log again finds the same row.
    client_id = models.UUIDField()
    answered_at = models.DateTimeField()
    received_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField()
    # What was sent and is no answer: {"rest": texts past their bounds, "unread": what could not be read}.
    left_over = models.JSONField(default=dict, blank=True)
    # Sent the moment an emergency answer was tapped; the whole log may follow.
    partial = models.BooleanField(default=False)
    # It came by text from a phone of several people here: it may be about another of them.
    shared_phone = models.BooleanField(default=False, db_default=False)
    # The phone's clock cannot be right: in the future, or more than a month ago.
    clock_suspect = models.BooleanField(default=False)
    phone_tier = models.CharField(max_length=16, blank=True)
    phone_rulebook = models.CharField(max_length=64, blank=True)
    # Which facts the phone had, and the ids of the rules that fired there, in order; null: it judged nothing.
    phone_facts = models.CharField(max_length=80, blank=True)
    phone_fired = models.JSONField(null=True, blank=True)
    supersedes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "client_id"], name="a_log_once_per_submission"),
            moments("a_log_is_in_years_of_care", "answered_at", "received_at"),
        ]
        indexes = [
            # history for the rules and the chart, newest first
            models.Index(fields=["patient", "-answered_at"], name="logs_of_a_patient"),
            # the sweep: recent logs that may not have been judged
            models.Index(fields=["received_at"], name="logs_by_arrival"),
        ]

    def __str__(self) -> str:
        return str(self.code)

    @property
    def happened_at(self) -> datetime:
        """When the answers were true: the phone's time, unless its clock cannot be right."""
        return self.received_at if self.clock_suspect else min(self.answered_at, self.received_at)

    @property
    def only_fine(self) -> bool:
        """One word by text message or automatic call: fine. It ends silence and shows nothing else (DF-48)."""
        return self.answers.get("short_answer") == "fine" and self.answers.get("door") in ("sms", "call")

    @property
    def words(self) -> dict[str, str]:
        """The patient's own texts whole, by question: what is past a bound too."""
        return left_over.whole(self.answers, self.left_over)

    @property
    def told(self) -> dict[str, Any]:
        """The answers with each text whole, without how they came in."""
        answers = {name: value for name, value in self.answers.items() if name not in HOW_IT_CAME}
        return {**answers, **self.words}

    @property
    def heard(self) -> dict[str, Any]:
        """The answers as the rules hear them: nothing that was sent with the log is left out."""
        return left_over.heard(self.answers, self.left_over)

    @property
    def late(self) -> bool:
        """Did it arrive so long after it happened that whoever reads it has to know?"""
        return self.received_at - self.happened_at > LATE_AFTER

    @cached_property
    def said(self) -> Said:
        """What a patient's screen may say of it. Words count as unread where it was not asked who read them."""
        verdict: Assessment | None = getattr(self, "assessment", None)
        read = "read" if getattr(self, "words_read", False) else "unread"
        words = read if says_words(self.heard) else "none"
        if verdict is None:
            return said("", (), (), words=words)
        away = getattr(self, "in_hospital_since", None) is not None
        return said(verdict.tier, verdict.fired, verdict.messages, words=words, away=away)


# DailyLog.happened_at for the database: a clock that cannot be right must not decide which log is the newest.
HAPPENED_AT = Case(When(clock_suspect=True, then=F("received_at")), default=Least("answered_at", "received_at"))


class Assessment(models.Model):
    """One judgement, with the facts and the rule book it was made from, so that it can be replayed."""

    # Null when silence itself was judged.
    log = models.OneToOneField(
        DailyLog, on_delete=models.PROTECT, null=True, blank=True, related_name="assessment"
    )
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="assessments")
    at = models.DateTimeField()
    tier = models.CharField(max_length=16)
    # [{"id", "tier", "reason", "message", "sources", "defaults", "er_now"}], in rule book order
    fired = models.JSONField(default=list)
    notices = models.JSONField(default=list)
    # What the patient was told to do, most urgent first.
    messages = models.JSONField(default=list)
    nurse_priority = models.CharField(max_length=2, blank=True)
    facts = models.JSONField(default=dict)
    rulebook = models.CharField(max_length=64)
    phone_tier = models.CharField(max_length=16, blank=True)
    phone_rulebook = models.CharField(max_length=64, blank=True)
    phone_facts = models.CharField(max_length=80, blank=True)
    phone_fired = models.JSONField(null=True, blank=True)
    # How the phone's verdict differs from ours (recovery.wording.difference); empty: not, or there was none.
    difference = models.CharField(max_length=16, blank=True)
    # Overrides and settings nobody could read, left out of this judgement.
    problems = models.JSONField(default=list, blank=True)
    # The rules could not read the log: a person has to.
    unreadable = models.BooleanField(default=False)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, null=True, blank=True, related_name="assessments")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(tier__in=list(URGENT)) | Q(alert__isnull=False),
                name="urgent_tiers_need_their_alert",
            ),
            models.CheckConstraint(
                condition=Q(tier__in=list(TIERS)),
                name="an_assessment_has_a_known_tier",
            ),
        ]
        indexes = [
            # the chart and Today: newest judgement first
            models.Index(fields=["patient", "-at"], name="assessments_of_a_patient"),
            # the count of the last days' differences between phone and server
            models.Index(fields=["at"], name="assessments_that_differ", condition=~Q(difference="")),
        ]

    def __str__(self) -> str:
        return f"{self.tier} of {self.patient_id}"

    @property
    def er_now(self) -> bool:
        """Did the advice send the patient to the ER at once (DF-47)?"""
        return is_er_now(self.tier, self.fired)

    @property
    def heading(self) -> str:
        """What stands over the advice."""
        return heading(self.tier, er_now=self.er_now)

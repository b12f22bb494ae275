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

# A log that arrives later than this after it happened is a late log.
LATE_AFTER = timedelta(hours=1)
# The fields of the answers that say how a log came in and are not answers of a person.
HOW_IT_CAME = ("door", "step_seconds")


class DailyLog(models.Model):
    """What a patient, helper or nurse told us, unchanged. Logs are only superseded: a trigger refuses UPDATE."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="logs")
    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="logs")
    # Made by the phone, one per log, so that a log sent again finds its row.
    client_id = models.UUIDField()
    answered_at = models.DateTimeField()
    received_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField()
    # Parts that are not answers: {"rest": texts past their bounds, "unread": answers that could not be read}.
    left_over = models.JSONField(default=dict, blank=True)
    # Sent as soon as an emergency answer was tapped; the whole log may follow.
    partial = models.BooleanField(default=False)
    # It came by text from a number that several people share, so it may be about another of them.
    shared_phone = models.BooleanField(default=False, db_default=False)
    # The phone's time cannot be right: it is in the future, or more than a month ago.
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
        """Return when the answers were true: the phone's time, or the time of arrival when that is suspect."""
        return self.received_at if self.clock_suspect else min(self.answered_at, self.received_at)

    @property
    def only_fine(self) -> bool:
        """Return whether the log is only the short answer "fine", which ends silence and no more (DF-48).

        A call asks two more questions; a yes to one of them is a sign, whatever the first answer was.
        """
        yes = "some" in (self.answers.get("em_gate"), self.answers.get("nerve_gate"))
        return (
            self.answers.get("short_answer") == "fine" and self.answers.get("door") in ("sms", "call") and not yes
        )

    @property
    def words(self) -> dict[str, str]:
        """Return the patient's own texts by question, in full length."""
        return left_over.whole(self.answers, self.left_over)

    @property
    def told(self) -> dict[str, Any]:
        """Return the answers with texts in full length, without the fields that say how the log came."""
        answers = {name: value for name, value in self.answers.items() if name not in HOW_IT_CAME}
        return {**answers, **self.words}

    @property
    def heard(self) -> dict[str, Any]:
        """Return the answers as the rules read them, with everything that was sent."""
        return left_over.heard(self.answers, self.left_over)

    @property
    def late(self) -> bool:
        """Return whether it arrived so long after it happened that its reader must know."""
        return self.received_at - self.happened_at > LATE_AFTER

    @cached_property
    def said(self) -> Said:
        """Return what a patient's screen may say about the log; words count as unread if that was not loaded."""
        verdict: Assessment | None = getattr(self, "assessment", None)
        read = "read" if getattr(self, "words_read", False) else "unread"
        words = read if says_words(self.heard) else "none"
        if verdict is None:
            return said("", (), (), words=words)
        away = getattr(self, "in_hospital_since", None) is not None
        return said(verdict.tier, verdict.fired, verdict.messages, words=words, away=away)


# DailyLog.happened_at in SQL: a suspect clock must not decide which log is the newest.
HAPPENED_AT = Case(When(clock_suspect=True, then=F("received_at")), default=Least("answered_at", "received_at"))


class Assessment(models.Model):
    """One stored verdict with its facts and the hash of its rule book, so that it can be replayed."""

    # Null for an assessment of silence.
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
    # How the phone's verdict differs from ours (recovery.wording.difference); empty without a difference.
    difference = models.CharField(max_length=16, blank=True)
    # Unreadable overrides and settings, which this judgement ignored.
    problems = models.JSONField(default=list, blank=True)
    # The rules could not read the log, so staff must.
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
        """Return whether the advice sent the patient to the ER at once (DF-47)."""
        return is_er_now(self.tier, self.fired)

    @property
    def heading(self) -> str:
        """Return the heading of the advice."""
        return heading(self.tier, er_now=self.er_now)

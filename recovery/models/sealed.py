"""Urgent logs that a phone sends without a sign-in: the phone's key (PhoneKey) and the envelopes (SealedLog)."""

import uuid

from django.db import models
from django.db.models import F, Q

from patients.models import Patient, User
from recovery.models.log import DailyLog


class PhoneKey(models.Model):
    """The public key of a pair made on one phone for one person. The phone can send logs with it, not read."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="phone_keys")
    # A point of P-256, uncompressed, base64.
    public_key = models.CharField(max_length=88)
    # The kind of phone in words for staff and patient, such as "iPhone, Safari".
    label = models.CharField(max_length=60, blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "public_key"], name="a_phone_key_once_per_person"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="an_ended_phone_key_says_by_whom",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="a_phone_key_runs_out"),
        ]

    def __str__(self) -> str:
        return str(self.code)


class SealedLog(models.Model):
    """One envelope, stored before it is opened. If it cannot be opened, an alert is raised for staff."""

    class State(models.TextChoices):
        RECEIVED = "received", "Not opened yet"
        OPENED = "opened", "A log"
        GIVEN = "given", "Could not be read: given to a person"

    phone_key = models.ForeignKey(PhoneKey, on_delete=models.PROTECT, related_name="sealed_logs")
    # Made by the phone, once per log.
    client_id = models.UUIDField()
    # about: code of the patient the phone meant; patient: the chart it belongs to (recovery.logs.sealed.whom).
    about = models.UUIDField()
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="sealed_logs")
    # Emptied when it is no longer needed (recovery.logs.sealed); its hash stays.
    envelope = models.TextField(blank=True)
    # SHA-256 of the envelope, hex.
    digest = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    why = models.CharField(max_length=40, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    log = models.ForeignKey(DailyLog, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["phone_key", "client_id", "digest"], name="an_envelope_once_per_phone"
            ),
            models.CheckConstraint(
                condition=Q(state="received", handled_at__isnull=True, log__isnull=True)
                | Q(state="opened", handled_at__isnull=False, log__isnull=False)
                | (Q(state="given", handled_at__isnull=False, log__isnull=True) & ~Q(why="")),
                name="an_envelope_is_a_log_or_says_why_not",
            ),
            models.CheckConstraint(
                condition=~Q(envelope="") | Q(state__in=["opened", "given"]),
                name="an_envelope_is_kept_until_it_was_handled",
            ),
        ]
        indexes = [
            # the sweep: envelopes whose request died before they were opened
            models.Index(fields=["received_at"], condition=Q(state="received"), name="envelopes_not_opened"),
            # taking out those that are not needed any more
            models.Index(fields=["handled_at"], condition=~Q(envelope=""), name="envelopes_not_taken_out"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.client_id}"

"""Incoming SMS, recorded so that a repeat counts once and wrong codes are counted."""

from django.db import models

from alerts.models.alert import Alert
from patients.models import Staff


class SmsReply(models.Model):
    """One incoming SMS: who sent it, when, and what it did.

    It does not store the text: the words of a patient or helper are a log.
    """

    class What(models.TextChoices):
        TAKEN = "taken", "Took an alert"
        TOO_LATE = "too_late", "Somebody was faster, or it was closed"
        WRONG = "wrong", "No alert of theirs has this code"
        UNCLEAR = "unclear", "No code in it"
        STRANGER = "stranger", "Not a number of anybody here"
        STOP = "stop", "Turned SMS off"
        START = "start", "Turned SMS on"
        IGNORED = "ignored", "Too many tries"
        WORDS = "words", "Kept as a log"

    provider_id = models.CharField(max_length=64)
    number = models.CharField(max_length=20)
    received_at = models.DateTimeField()
    what = models.CharField(max_length=10, choices=What)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # Our answer, without health data; a repeat gets the same answer.
    answer = models.CharField(max_length=320, blank=True)

    class Meta:
        verbose_name_plural = "SMS replies"
        constraints = [
            models.UniqueConstraint(fields=["provider_id"], name="a_reply_counts_once"),
        ]
        indexes = [
            # the wrong codes of a number in the last minutes
            models.Index(fields=["number", "received_at"], name="replies_of_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.what} at {self.received_at:%Y-%m-%d %H:%M}"

"""What the care team wrote to a patient in the app, and who opened it when."""

import uuid

from django.db import models
from django.db.models import Q

from patients.models import Patient, Staff, User
from patients.models.fields import moments
from patients.values.languages import CODES, LANGUAGES

# Letters of one message: a screen and a half of a phone.
MOST_LETTERS = 1000


class CareMessage(models.Model):
    """One message. Rows are only ever added: a trigger refuses UPDATE and DELETE."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="care_messages")
    sent_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    text = models.TextField(max_length=MOST_LETTERS)
    # The language it is written in, so that a page is read aloud right.
    language = models.CharField(max_length=8, choices=LANGUAGES)
    # The id of the form, so that a form sent twice is one message.
    once = models.CharField(max_length=36)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="a_care_message_has_words"),
            models.CheckConstraint(
                condition=Q(language__in=CODES), name="a_care_message_is_in_a_language_we_speak"
            ),
            models.UniqueConstraint(fields=["patient", "sent_by", "once"], name="a_care_message_once_per_press"),
            moments("a_care_message_is_in_years_of_care", "sent_at"),
        ]
        indexes = [
            # chart, Today and the page of messages: the newest first
            models.Index(fields=["patient", "-sent_at"], name="care_messages_of_a_patient"),
        ]

    def __str__(self) -> str:
        return f"care message {self.pk}"


class CareMessageRead(models.Model):
    """One person opened one message for the first time. Rows are only ever added, by a trigger too."""

    message = models.ForeignKey(CareMessage, on_delete=models.PROTECT, related_name="reads")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "user"], name="a_care_message_is_first_read_once"),
            moments("a_reading_is_in_years_of_care", "at"),
        ]

    def __str__(self) -> str:
        return f"message {self.message_id} read by {self.user_id}"

"""Letters: sign-in codes and links to choose a password, which do not wait in the outbox. One row each."""

from django.db import models
from django.db.models import Q

from patients.models.staff import Staff, User


class Letter(models.Model):
    """One letter, sent at once, and what became of it; the row holds neither its address nor its text.

    It cannot be sent again, because its content is secret; the person asks for another one.
    """

    class What(models.TextChoices):
        CODE = "code", "Sign-in code"
        LINK = "link", "Link to choose a password"
        OTHER = "other", "About the sign-in"

    class Way(models.TextChoices):
        EMAIL = "email", "E-mail"
        SMS = "sms", "Text message"
        HAND = "hand", "Handed over"

    class State(models.TextChoices):
        ON_ITS_WAY = "on_its_way", "On its way"
        LEFT = "left", "Left"
        FAILED = "failed", "Could not be sent"

    what = models.CharField(max_length=10, choices=What)
    way = models.CharField(max_length=10, choices=Way)
    # Whom it is for, and the colleague who asked for it, if any.
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=12, choices=State, default=State.ON_ITS_WAY)
    # error: in words for staff, without an address. theirs: the address cannot take it; else we must repair it.
    error = models.CharField(max_length=300, blank=True)
    theirs = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="on_its_way", done_at__isnull=True)
                | (~Q(state="on_its_way") & Q(done_at__isnull=False)),
                name="a_letter_is_done_when_it_left_or_failed",
            ),
        ]
        indexes = [
            # the newest letter of one person
            models.Index(fields=["user", "-created_at"], name="letters_of_a_person"),
            # whether a channel works at present
            models.Index(fields=["way", "-done_at"], name="letters_by_way"),
        ]

    def __str__(self) -> str:
        return f"{self.what} by {self.way}"

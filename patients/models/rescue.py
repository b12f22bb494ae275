"""The way back for staff who lost their second factor: one colleague asks, another one confirms."""

from django.db import models
from django.db.models import F, Q

from patients.models.staff import Staff


class FactorRescue(models.Model):
    """A manager asks for it after checking who the person is; a second colleague checks too and confirms."""

    class Sure(models.TextChoices):
        IN_PERSON = "in_person", "They stand before me"
        VIDEO = "video", "I saw them in a video call"
        CALLED = "called", "I called the number we have had for them"

    person = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="rescues")
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    asked_sure = models.CharField(max_length=10, choices=Sure)
    asked_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_sure = models.CharField(max_length=10, choices=Sure, blank=True)
    # When it was confirmed, taken back, or ran out.
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(ended_at__isnull=True), name="one_way_back_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(asked_by=F("person")), name="nobody_asks_for_their_own_way_back"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | (
                    ~Q(confirmed_by=F("person"))
                    & ~Q(confirmed_by=F("asked_by"))
                    & ~Q(confirmed_sure="")
                    & Q(ended_at__isnull=False)
                ),
                name="a_way_back_takes_two_other_people",
            ),
        ]

    def __str__(self) -> str:
        return f"way back of staff {self.person_id}"

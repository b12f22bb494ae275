"""Who is on call when. A gap falls back to the clinic's default order, and is shown."""

from django.db import models
from django.db.models import F, Q

from patients.models import Clinic, Staff


class OnCallShift(models.Model):
    """One person on call from starts_at until (not including) ends_at."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="shifts")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="shifts")
    role = models.CharField(max_length=12, choices=Staff.Role, default=Staff.Role.NURSE)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_shift_ends_after_it_starts"),
        ]
        indexes = [
            # who is on call at this moment
            models.Index(fields=["clinic", "role", "ends_at"], name="shifts_now"),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} from {self.starts_at:%Y-%m-%d %H:%M}"

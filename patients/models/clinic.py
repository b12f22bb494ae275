"""Clinics, to which all rows about people belong."""

import uuid
from datetime import time

from django.db import models
from django.db.models import Q

from patients.models.fields import number_field, places, validate_timezone


class Clinic(models.Model):
    """A clinic that cares for people after kyphoplasty. Every clinic-owned row reaches it by one foreign key."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=64, default="America/New_York", validators=[validate_timezone])
    phone = number_field()
    after_hours_phone = number_field(blank=True)
    # When its morning begins, by its own clocks: then the nurses get the digest.
    morning = models.TimeField(default=time(8), db_default=time(8))
    # The canary's made-up clinic, which tests that an urgent log is answered: no real people, figures or texts.
    is_canary = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_canary"], condition=Q(is_canary=True), name="at_most_one_canary_clinic"
            ),
            models.CheckConstraint(condition=~Q(phone=""), name="a_clinic_has_a_phone"),
            places("a_clinic_is_in_a_zone_of_a_place"),
        ]

    def __str__(self) -> str:
        return self.name

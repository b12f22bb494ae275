"""A clinic, the people who can sign in, and who works where."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from patients.models.fields import number_field, places, validate_timezone


class Clinic(models.Model):
    """A clinic that cares for people after kyphoplasty. Every clinic-owned row reaches it by one foreign key."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=64, default="America/New_York", validators=[validate_timezone])
    phone = number_field()
    after_hours_phone = number_field(blank=True)
    settings = models.JSONField(default=dict, blank=True)
    # Made up, to prove that an urgent log is answered: no people, no figures, no text messages.
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


class User(AbstractUser):
    """Anyone who signs in: staff, a patient, a helper. Patients and helpers have no password, only codes."""

    phone = number_field(blank=True, null=True, unique=True)
    phone_verified = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="one_user_per_email"),
        ]


class Staff(models.Model):
    """Somebody who works at a clinic, in one role."""

    class Role(models.TextChoices):
        NURSE = "nurse", "Nurse"
        PHYSICIAN = "physician", "Physician"
        MANAGER = "manager", "Manager"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="staff_roles")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="staff")
    role = models.CharField(max_length=12, choices=Role)
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "staff"
        constraints = [
            models.UniqueConstraint(fields=["user", "clinic"], name="staff_once_per_clinic"),
            models.CheckConstraint(
                condition=Q(role__in=["nurse", "physician", "manager"]), name="staff_has_a_known_role"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """How colleagues and patients read it: the person's full name, or the sign-in address."""
        return self.user.get_full_name() or self.user.email

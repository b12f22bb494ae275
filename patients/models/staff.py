"""The people who can sign in, and who works where."""

from collections.abc import Iterator
from typing import TypeAlias

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from patients.models.clinic import Clinic
from patients.models.fields import number_field


class User(AbstractUser):
    """Anyone who signs in: staff, a patient, a helper. Patients and helpers have no password, only codes."""

    phone = number_field(blank=True, null=True, unique=True)
    phone_verified = models.BooleanField(default=False)
    # How often all sign-ins of this person were ended at once. Part of what each session is checked by: one
    # UPDATE, in the transaction of whatever asks for it, ends them in every process.
    times_signed_out = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # Of staff: the clinic this sign-in is for. Whoever works at two, or works at one and is cared for at another,
    # has a sign-in for each by the same e-mail; the password says which. So no clinic learns of another.
    works_at = models.ForeignKey(
        Clinic, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "works_at",
                condition=~Q(email=""),
                name="one_user_per_email_and_clinic",
                nulls_distinct=False,
            ),
        ]

    def get_session_auth_hash(self) -> str:
        """What a session must show to count still: made of the password, and of times_signed_out."""
        return self._with_times(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same by earlier secret keys."""
        yield from map(self._with_times, super().get_session_auth_fallback_hash())

    def _with_times(self, mark: str) -> str:
        """Nobody is signed out by the release that brings this: at 0 it is the mark of before."""
        return f"{mark}.{self.times_signed_out}" if self.times_signed_out else mark


class StaffRole(models.TextChoices):
    """As what somebody works at a clinic. What each may do: patients.permissions."""

    NURSE = "nurse", "Nurse"
    PHYSICIAN = "physician", "Physician"
    MANAGER = "manager", "Manager"


class Staff(models.Model):
    """Somebody who works at a clinic, in one role."""

    Role: TypeAlias = StaffRole

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="staff_roles")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="staff")
    role = models.CharField(max_length=12, choices=StaffRole)
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "staff"
        constraints = [
            models.UniqueConstraint(fields=["user", "clinic"], name="staff_once_per_clinic"),
            models.CheckConstraint(condition=Q(role__in=StaffRole.values), name="staff_has_a_known_role"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """How colleagues and patients read it: the person's full name, or the sign-in address."""
        return self.user.get_full_name() or self.user.email

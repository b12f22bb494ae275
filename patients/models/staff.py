"""Users, who can sign in, and the roles of staff at their clinics."""

from collections.abc import Iterator
from typing import TypeAlias

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from patients.models.clinic import Clinic
from patients.models.fields import number_field
from patients.values.languages import CODES, LANGUAGES


class User(AbstractUser):
    """Anyone who signs in: staff, patients, helpers, operators. Patients and helpers use codes, not passwords."""

    phone = number_field(blank=True, null=True, unique=True)
    phone_verified = models.BooleanField(default=False)
    # In which patients and helpers read their pages and messages; empty until somebody chose one (English then).
    language = models.CharField(max_length=8, choices=LANGUAGES, blank=True, default="", db_default="")
    # How often all sessions of this person were ended at once. Each session is checked against it, so one UPDATE
    # ends them in every process.
    times_signed_out = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # For staff: the clinic of this sign-in. A person who works at two clinics, or works at one and is a patient
    # of another, has one sign-in for each with the same e-mail; the password tells which. So no clinic learns of
    # another.
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
            models.CheckConstraint(
                condition=Q(language__in=["", *CODES]), name="a_person_reads_a_language_we_speak"
            ),
        ]

    def get_session_auth_hash(self) -> str:
        """Return the hash that a valid session must have, made of the password and times_signed_out."""
        return self._with_times(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Yield the same hash by the earlier secret keys."""
        yield from map(self._with_times, super().get_session_auth_fallback_hash())

    def _with_times(self, mark: str) -> str:
        """Add times_signed_out; at 0 the hash stays as it was, so that introducing it ended no session."""
        return f"{mark}.{self.times_signed_out}" if self.times_signed_out else mark


class StaffRole(models.TextChoices):
    """The roles of staff. patients.permissions says what each may do."""

    NURSE = "nurse", "Nurse"
    PHYSICIAN = "physician", "Physician"
    MANAGER = "manager", "Manager"


class Staff(models.Model):
    """A person's role at a clinic."""

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
        """The name for colleagues and patients: the full name, or the sign-in address."""
        return self.user.get_full_name() or self.user.email

"""The cast: the same people in every test. Each function writes real rows and returns the main one."""

import itertools
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from patients.models import Caregiver, Clinic, Consent, ContactMethod, Patient, Procedure, Staff, User

_numbers = itertools.count(1)
WORDING = "2026-01"


@dataclass(frozen=True)
class Cast:
    """Who plays in a test: one clinic that knows the patient, and another that must never see them."""

    clinic: Clinic
    nurse: Staff
    nurse2: Staff
    physician: Staff
    manager: Staff
    patient: Patient
    procedure: Procedure
    helper: Caregiver
    other_clinic: Clinic
    other_nurse: Staff
    other_patient: Patient


def cast() -> Cast:
    """Everybody at once."""
    clinic = make_clinic(name="Cedar Spine Clinic")
    other_clinic = make_clinic(name="Birch Spine Clinic", timezone="America/Denver")
    patient = make_patient(clinic)
    return Cast(
        clinic=clinic,
        nurse=make_staff(clinic, Staff.Role.NURSE, first_name="Nora"),
        nurse2=make_staff(clinic, Staff.Role.NURSE, first_name="Niles"),
        physician=make_staff(clinic, Staff.Role.PHYSICIAN, first_name="Priya"),
        manager=make_staff(clinic, Staff.Role.MANAGER, first_name="Mara"),
        patient=patient,
        procedure=make_procedure(patient),
        helper=make_helper(patient),
        other_clinic=other_clinic,
        other_nurse=make_staff(other_clinic, Staff.Role.NURSE, first_name="Otto"),
        other_patient=make_patient(other_clinic, first_name="Olga"),
    )


def make_clinic(name: str = "Cedar Spine Clinic", timezone: str = "America/Chicago", **fields: Any) -> Clinic:
    """A clinic with a phone."""
    return Clinic.objects.create(name=name, timezone=timezone, **{"phone": "+13125550100", **fields})


def make_user(email: str = "", **fields: Any) -> User:
    """Somebody who can sign in; an own e-mail address unless one is given. No password, like patients."""
    email = email or f"person{next(_numbers)}@example.org"
    user = User(username=email, email=email, **fields)
    user.set_unusable_password()
    user.save()
    return user


def make_staff(clinic: Clinic, role: str = Staff.Role.NURSE, email: str = "", **user_fields: Any) -> Staff:
    """An active member of staff."""
    names = {"first_name": str(role).title(), "last_name": "Staff"}
    return Staff.objects.create(user=make_user(email, **{**names, **user_fields}), clinic=clinic, role=role)


def make_mobile(staff: Staff, number: str, **fields: Any) -> ContactMethod:
    """A mobile of a member of staff, verified long ago unless told."""
    known = {"kind": "sms", "address": number, "verified_at": timezone.now() - timedelta(days=9999)}
    return ContactMethod.objects.create(user=staff.user, **{**known, **fields})


def make_patient(
    clinic: Clinic, first_name: str = "Rosa", *, messages: bool = True, user: User | None = None, **fields: Any
) -> Patient:
    """A patient with a sign-in of their own and, unless messages=False, a live agreement to messages."""
    user = user or make_user()
    known = {
        "last_name": "Recovers",
        "birth_date": date(1950, 3, 4),
        "email": user.email,
        "timezone": clinic.timezone,
        "mrn": f"MRN-{user.pk}",
    }
    patient = Patient.all_clinics.create(clinic=clinic, user=user, first_name=first_name, **{**known, **fields})
    if messages:
        make_consent(patient, Consent.Purpose.MESSAGES)
    return patient


def make_consent(patient: Patient, purpose: str, granted_at: datetime | None = None) -> Consent:
    """A live agreement."""
    granted_at = granted_at or timezone.now() - timedelta(days=1)
    return Consent.objects.create(patient=patient, purpose=purpose, wording_version=WORDING, granted_at=granted_at)


def make_procedure(patient: Patient, ended_at: datetime | None = None, **fields: Any) -> Procedure:
    """An open recovery, recorded when the procedure ended: two days ago unless told."""
    ended_at = ended_at or timezone.now() - timedelta(days=2)
    known = {"levels": ["L1"], "recorded_at": ended_at}
    return Procedure.objects.create(patient=patient, ended_at=ended_at, **{**known, **fields})


def make_helper(patient: Patient, email: str = "", user: User | None = None, **fields: Any) -> Caregiver:
    """A helper with an own sign-in who may log, and the patient's agreement to helpers."""
    if not Consent.objects.filter(
        patient=patient, purpose=Consent.Purpose.HELPERS, withdrawn_at__isnull=True
    ).exists():
        make_consent(patient, Consent.Purpose.HELPERS)
    user = user or make_user(email, first_name="Hilda", last_name="Helps")
    return Caregiver.objects.create(patient=patient, user=user, relationship="daughter", **fields)

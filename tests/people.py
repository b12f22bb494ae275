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
    """Everybody at once: one statement for each table, because thousands of tests begin with it."""
    clinic, other_clinic = Clinic.objects.bulk_create(
        [_clinic(name="Cedar Spine Clinic"), _clinic(name="Birch Spine Clinic", timezone="America/Denver")]
    )
    roles = [Staff.Role.NURSE, Staff.Role.NURSE, Staff.Role.PHYSICIAN, Staff.Role.MANAGER, Staff.Role.NURSE]
    names = ["Nora", "Niles", "Priya", "Mara", "Otto"]
    named = [{**_staff_names(role), "first_name": name} for role, name in zip(roles, names, strict=True)]
    hilda = {"first_name": "Hilda", "last_name": "Helps"}
    users = User.objects.bulk_create([_user(**fields) for fields in [{}, *named, hilda, {}]])
    rosas, *staff_users, hildas, olgas = users
    staff = Staff.objects.bulk_create(
        Staff(user=user, clinic=other_clinic if user is staff_users[-1] else clinic, role=role)
        for user, role in zip(staff_users, roles, strict=True)
    )
    patient, other_patient = Patient.all_clinics.bulk_create(
        [_patient(clinic, rosas, "Rosa"), _patient(other_clinic, olgas, "Olga")]
    )
    agreed = [(patient, Consent.Purpose.MESSAGES), (patient, Consent.Purpose.HELPERS)]
    agreed.append((other_patient, Consent.Purpose.MESSAGES))
    Consent.objects.bulk_create(_consent(who, purpose) for who, purpose in agreed)
    procedure = make_procedure(patient)
    helper = Caregiver.objects.create(patient=patient, user=hildas, relationship="daughter")
    everybody = (*staff[:4], patient, procedure, helper, other_clinic, staff[4], other_patient)
    return Cast(clinic, *everybody)


def make_clinic(name: str = "Cedar Spine Clinic", timezone: str = "America/Chicago", **fields: Any) -> Clinic:
    """A clinic with a phone."""
    clinic = _clinic(name, timezone, **fields)
    clinic.save()
    return clinic


def _clinic(name: str, timezone: str = "America/Chicago", **fields: Any) -> Clinic:
    return Clinic(name=name, timezone=timezone, **{"phone": "+13125550100", **fields})


def make_user(email: str = "", **fields: Any) -> User:
    """Somebody who can sign in; an own e-mail address unless one is given. No password, like patients."""
    user = _user(email, **fields)
    user.save()
    return user


def _user(email: str = "", **fields: Any) -> User:
    email = email or f"person{next(_numbers)}@example.org"
    user = User(username=email, email=email, **fields)
    user.set_unusable_password()
    return user


def make_staff(clinic: Clinic, role: str = Staff.Role.NURSE, email: str = "", **user_fields: Any) -> Staff:
    """An active member of staff."""
    user = make_user(email, **{**_staff_names(role), **user_fields})
    return Staff.objects.create(user=user, clinic=clinic, role=role)


def _staff_names(role: str) -> dict[str, str]:
    return {"first_name": str(role).title(), "last_name": "Staff"}


def make_mobile(staff: Staff, number: str, **fields: Any) -> ContactMethod:
    """A mobile of a member of staff, verified long ago unless told."""
    known = {"kind": "sms", "address": number, "verified_at": timezone.now() - timedelta(days=9999)}
    return ContactMethod.objects.create(user=staff.user, **{**known, **fields})


def make_patient(
    clinic: Clinic, first_name: str = "Rosa", *, messages: bool = True, user: User | None = None, **fields: Any
) -> Patient:
    """A patient with a sign-in of their own and, unless messages=False, a live agreement to messages."""
    patient = _patient(clinic, user or make_user(), first_name, **fields)
    patient.save()
    if messages:
        make_consent(patient, Consent.Purpose.MESSAGES)
    return patient


def _patient(clinic: Clinic, user: User, first_name: str, **fields: Any) -> Patient:
    known = {
        "last_name": "Recovers",
        "birth_date": date(1950, 3, 4),
        "email": user.email,
        "timezone": clinic.timezone,
        "mrn": f"MRN-{user.pk}",
    }
    return Patient(clinic=clinic, user=user, first_name=first_name, **{**known, **fields})


def make_consent(patient: Patient, purpose: str, granted_at: datetime | None = None) -> Consent:
    """A live agreement."""
    consent = _consent(patient, purpose, granted_at)
    consent.save()
    return consent


def _consent(patient: Patient, purpose: str, granted_at: datetime | None = None) -> Consent:
    granted_at = granted_at or timezone.now() - timedelta(days=1)
    return Consent(patient=patient, purpose=purpose, wording_version=WORDING, granted_at=granted_at)


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
    return Caregiver.objects.create(patient=patient, user=user, **{"relationship": "daughter", **fields})

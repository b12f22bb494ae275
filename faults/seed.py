"""Clinics, staff, patients and their sessions, written straight into the database before the run begins.

`python -m faults.seed FOLDER PATIENTS SILENT SECONDS HOOKS` writes FOLDER/people.json: cookies of phones and of
nurses. HOOKS: the port at which the clinics' own systems listen; 0 when they have none.
"""

import json
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 - settings first

from alerts.lifecycle import save_plan  # noqa: E402
from alerts.messaging.endpoints import add_endpoint  # noqa: E402
from alerts.policy.plan import Plan, Step  # noqa: E402
from faults.envelopes import Pen  # noqa: E402
from faults.seed_names import SURNAME  # noqa: E402
from patients.models import Clinic, Consent, ContactMethod, Patient, Procedure, Staff, User  # noqa: E402
from patients.sign_in.session_store import SessionStore  # noqa: E402
from patients.tiers import URGENT  # noqa: E402
from patients.values.bounds import zone_like  # noqa: E402
from patients.vault.phone_seal import newest_key  # noqa: E402
from recovery.logs import phone_keys  # noqa: E402

BACKEND = "django.contrib.auth.backends.ModelBackend"
CLINICS, NURSES = 3, 3
CHANNELS = ("board", "email", "sms")
# The shortest plan a clinic may have: some steps at once, the others a minute apart.
PLAN = Plan(
    tuple(
        Step(wait, audience, channels=CHANNELS)
        for wait, audience in ((0, "nurse_on_call"), (1, "all_nurses"), (0, "physician"), (1, "everyone"))
    ),
    repeat_minutes=1,
    ack_minutes=1,
)


def main(folder: Path, patients: int, silent: int, seconds: float, hooks: int) -> None:
    """Make all clinics, staff and patients, and write their cookies down."""
    now = datetime.now(UTC)
    clinics = [_clinic(number, now) for number in range(CLINICS)]
    nurses = [_nurse(clinic, n) for clinic in clinics for n in range(NURSES)]
    for clinic in clinics:
        _staff(clinic, Staff.Role.PHYSICIAN, "physician")
        manager = _staff(clinic, Staff.Role.MANAGER, "manager")
        if hooks:
            url = f"http://127.0.0.1:{hooks}/webhook/{clinic.pk}"
            add_endpoint(staff=manager, url=url, description="the clinic's records", now=now)
    phones = [_patient(clinics[n % CLINICS], n, now - timedelta(days=3, hours=n % 40)) for n in range(patients)]
    # These patients send no log: their 24 hours of silence end during the run.
    quiet = [
        _patient(
            clinics[n % CLINICS],
            patients + n,
            now - timedelta(hours=24) + timedelta(seconds=5 + seconds * n / silent),
        )
        for n in range(silent)
    ]
    people = {"phones": phones, "nurses": nurses, "silent": [row["patient"] for row in quiet]}
    (folder / "people.json").write_text(json.dumps(people))


def _clinic(number: int, now: datetime) -> Clinic:
    # A zone in which it is about noon now, so that quiet hours hold back no notes.
    zone = zone_like(f"Etc/GMT{now.hour - 12:+d}", now)
    assert zone
    clinic = Clinic.objects.create(name=f"Clinic {number}", timezone=zone, phone="+13125550100")
    for tier in URGENT:
        save_plan(clinic, tier, PLAN)
    return clinic


def _user(name: str) -> User:
    user = User(username=f"{name}@people.example", email=f"{name}@people.example", first_name=name)
    user.set_unusable_password()
    user.save()
    return user


def _staff(clinic: Clinic, role: str, name: str) -> Staff:
    staff = Staff.objects.create(user=_user(f"{name}{clinic.pk}"), clinic=clinic, role=role)
    number, now = f"+1312555{staff.pk:04d}", datetime.now(UTC)
    ContactMethod.objects.create(user=staff.user, kind="sms", address=number, verified_at=now)
    return staff


def _nurse(clinic: Clinic, number: int) -> dict[str, Any]:
    staff = _staff(clinic, Staff.Role.NURSE, f"nurse{number}-")
    return {
        "staff": staff.pk,
        "email": staff.user.email,
        "number": staff.user.contact_methods.get().address,
        "session": _session(staff.user),
    }


def _patient(clinic: Clinic, number: int, ended_at: datetime) -> dict[str, Any]:
    user = _user(f"patient{number}")
    patient = Patient.all_clinics.create(
        clinic=clinic,
        user=user,
        first_name=f"Pat{number}",
        last_name=SURNAME,
        birth_date=date(1950, 3, 4),
        email=user.email,
        timezone=clinic.timezone,
        mrn=f"MRN-{number}",
        plan_due_at=datetime.now(UTC),
    )
    Consent.objects.create(
        patient=patient, purpose=Consent.Purpose.MESSAGES, wording_version="2026-01", granted_at=ended_at
    )
    Procedure.objects.create(patient=patient, ended_at=ended_at, levels=["L1"])
    pen = Pen("", number + 1)
    key = phone_keys.register(user, pen.public, "", datetime.now(UTC))
    server = newest_key()
    return {
        "patient": patient.pk,
        "session": _session(user),
        "about": str(patient.code),
        "pen": {"code": str(key.code), "private": pen.private},
        "seal": {"to": server.id, "server": server.point_text},
    }


def _session(user: User) -> str:
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = BACKEND
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.set_expiry(settings.SESSION_COOKIE_AGE)
    session.create()
    assert session.session_key
    return session.session_key


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))

"""The canary clinic with one made-up patient and one made-up nurse, made once and repaired at every round.

Their passwords and the nurse's second factor are derived from the secret key and not stored in plain text.
"""

import base64
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from alerts.policy.plan import Plan, Step
from alerts.policy.policies import save_plan
from patients.models import Clinic, ContactMethod, Patient, Procedure, Staff, User
from patients.sign_in.factor_secrets import activate_app
from patients.tiers import URGENT

PATIENT_EMAIL, NURSE_EMAIL = "canary-patient@canary.invalid", "canary-nurse@canary.invalid"
# A number from the block reserved for films, which has no owner.
# A place whose clocks show UTC all year.
ZONE = "Atlantic/Reykjavik"
PHONE = "+12025550199"
# The rules depend on the days since the procedure, so an older made-up recovery is closed and a new one begins.
DAYS_OF_A_RECOVERY = 5
ENDED_BEFORE = timedelta(days=2)


@dataclass(frozen=True)
class CanaryPeople:
    """The canary's clinic, patient and nurse, with their credentials."""

    clinic: Clinic
    patient: Patient
    nurse: Staff

    def password(self, user: User) -> str:
        """Return the derived password of the patient or the nurse."""
        return _secret(f"password:{user.username}")

    @property
    def totp_secret(self) -> str:
        """Return the secret of the nurse's second factor."""
        return base64.b32encode(bytes.fromhex(_secret("totp"))[:20]).decode()


def ensure(now: datetime) -> CanaryPeople:
    """Make or repair the canary clinic in one transaction."""
    with transaction.atomic():
        clinic, _ = Clinic.objects.get_or_create(
            is_canary=True, defaults={"name": "Canary (made up)", "phone": PHONE, "timezone": ZONE}
        )
        nurse_user = _user("canary-nurse", settings.CANARY_EMAIL or NURSE_EMAIL)
        nurse, _ = Staff.objects.update_or_create(
            user=nurse_user, clinic=clinic, defaults={"role": Staff.Role.NURSE, "active": True}
        )
        patient_user = _user("canary-patient", PATIENT_EMAIL)
        patient, _ = Patient.all_clinics.get_or_create(
            clinic=clinic,
            user=patient_user,
            defaults={
                "first_name": "Canary",
                "last_name": "Made-Up",
                "birth_date": date(1950, 1, 1),
                "email": PATIENT_EMAIL,
                "timezone": ZONE,
            },
        )
        people = CanaryPeople(clinic, patient, nurse)
        for user in (nurse_user, patient_user):
            if not user.check_password(people.password(user)):
                user.set_password(people.password(user))
                user.save(update_fields=["password"])
        _second_factor(people)
        _only_the_board(people, now)
        _recovery(patient, now)
    return people


def _user(username: str, email: str) -> User:
    user, _ = User.objects.get_or_create(username=username, defaults={"email": email})
    if user.email != email:
        user.email = email
        user.save(update_fields=["email"])
    return user


def _second_factor(people: CanaryPeople) -> None:
    Authenticator.objects.filter(user=people.nurse.user, type=Authenticator.Type.TOTP).delete()
    activate_app(people.nurse.user, people.totp_secret)


def _only_the_board(people: CanaryPeople, now: datetime) -> None:
    """Send the canary's alerts only to its own board, and to its mailbox when it has one; never to a phone."""
    channels = ("board", "email") if settings.CANARY_EMAIL else ("board",)
    for tier in URGENT:
        save_plan(people.clinic, tier, Plan((Step(0, "all_nurses", None, channels, ""),), 5, 10))
    off = None if settings.CANARY_EMAIL else now
    ContactMethod.objects.update_or_create(
        user=people.nurse.user,
        kind=ContactMethod.Kind.EMAIL,
        address=people.nurse.user.email,
        defaults={"verified_at": now, "disabled_at": off},
    )


def _recovery(patient: Patient, now: datetime) -> None:
    """Start a new recovery when the last one is too old. The patient has no consent, so no note is sent."""
    old = Procedure.objects.filter(patient=patient, closed_at__isnull=True).first()
    if old and old.ended_at > now - timedelta(days=DAYS_OF_A_RECOVERY):
        return
    Procedure.objects.filter(patient=patient, closed_at__isnull=True).update(closed_at=now)
    Procedure.objects.create(patient=patient, ended_at=now - ENDED_BEFORE, levels=["L1"])


def _secret(use: str) -> str:
    return salted_hmac("kypho.canary", use, algorithm="sha256").hexdigest()

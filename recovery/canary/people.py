"""The canary clinic: one made-up patient, one made-up nurse, nobody real. Made once, repaired at every start.

Their passwords and the nurse's second factor follow from the secret key; nothing is stored that could be read.
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
# From the block of numbers kept for films: nobody answers there.
# A place whose clocks go as UTC all year.
ZONE = "Atlantic/Reykjavik"
PHONE = "+12025550199"
# The rules look at the days after a procedure: an older made-up recovery is closed, and the next one begins.
DAYS_OF_A_RECOVERY = 5
ENDED_BEFORE = timedelta(days=2)


@dataclass(frozen=True)
class CanaryPeople:
    """Who plays, with what they sign in by."""

    clinic: Clinic
    patient: Patient
    nurse: Staff

    def password(self, user: User) -> str:
        """The dedicated credential of one of them."""
        return _secret(f"password:{user.username}")

    @property
    def totp_secret(self) -> str:
        """The nurse's second factor."""
        return base64.b32encode(bytes.fromhex(_secret("totp"))[:20]).decode()


def ensure(now: datetime) -> CanaryPeople:
    """Make, or repair, all of it in one transaction."""
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
    """The page goes to the canary's own board, and to a mailbox when there is one; to no phone, ever."""
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
    """A recovery of a few days, without agreement to messages: no note is ever sent."""
    old = Procedure.objects.filter(patient=patient, closed_at__isnull=True).first()
    if old and old.ended_at > now - timedelta(days=DAYS_OF_A_RECOVERY):
        return
    Procedure.objects.filter(patient=patient, closed_at__isnull=True).update(closed_at=now)
    Procedure.objects.create(patient=patient, ended_at=now - ENDED_BEFORE, levels=["L1"])


def _secret(use: str) -> str:
    return salted_hmac("kypho.canary", use, algorithm="sha256").hexdigest()

"""Adds, changes and removes helpers, with the patient's consent.

A helper is shown with the name that the person who added them typed. Pages never show whose sign-in an address
already is, or anything else about that person.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from patients.audit import changed
from patients.models import Caregiver, Consent, Patient, User
from patients.selectors.addresses import Address
from patients.services.consents import agree
from patients.services.enrolment import new_user
from patients.services.errors import NotPossible
from patients.status import lock

HELPERS_MOST = 10
OWN = _("This is the patient’s own address. A helper needs one of their own.")
TOO_MANY = _("There are {most} helpers already. Remove one first.")


def add_helper(
    *,
    patient: Patient,
    actor: User,
    address: Address,
    name: str,
    relationship: str,
    may_log: bool,
    may_be_alerted: bool,
    expires_at: datetime | None,
    now: datetime,
) -> Caregiver:
    """Let a person help until expires_at; adding the same person again replaces their rights.

    Adding a helper also counts as the patient's consent to helpers. Uses the sign-in with this address, or makes
    one. Raises NotPossible for the patient's own address and for more than HELPERS_MOST helpers.
    """
    if str(address) in (str(patient.phone or ""), patient.email.lower()):
        raise NotPossible(str(OWN), field="address")
    with transaction.atomic():
        lock(patient.pk)
        user = _user_at(address) or _new_helper(address, name)
        if user.pk == patient.user_id:
            raise NotPossible(str(OWN), field="address")
        live = Caregiver.objects.filter(patient=patient, removed_at__isnull=True)
        live.filter(user=user).update(removed_at=now)
        if live.count() >= HELPERS_MOST:
            raise NotPossible(TOO_MANY.format(most=HELPERS_MOST))
        helper = Caregiver.objects.create(
            patient=patient,
            user=user,
            relationship=", ".join(filter(None, (name, relationship))),
            may_log=may_log,
            may_be_alerted=may_be_alerted,
            expires_at=expires_at,
        )
        agree(patient=patient, purpose=Consent.Purpose.HELPERS, actor=actor, now=now)
        changed(patient, actor, "added a helper", relationship, now)
    return helper


def _user_at(address: Address) -> User | None:
    """Return the user with this address, also an inactive one, who still cannot sign in."""
    if address.phone:
        return User.objects.filter(phone=address.phone).first()
    return User.objects.filter(email__iexact=address.email, works_at=None).first()


def _new_helper(address: Address, name: str) -> User:
    first, _, last = name.partition(" ")
    try:
        with transaction.atomic():
            return new_user(first, last, address.phone, address.email)
    except IntegrityError:
        # At the same moment another request made a user with this address: use that one.
        user = _user_at(address)
        assert user
        return user


def change_rights(
    *,
    patient: Patient,
    actor: User,
    helper: Caregiver,
    may_log: bool,
    may_be_alerted: bool,
    expires_at: datetime | None,
    now: datetime,
) -> bool:
    """Set what this helper may do; returns False when they were removed meanwhile."""
    with transaction.atomic():
        live = Caregiver.objects.filter(pk=helper.pk, patient=patient, removed_at__isnull=True)
        if not live.update(may_log=may_log, may_be_alerted=may_be_alerted, expires_at=expires_at):
            return False
        changed(patient, actor, "changed a helper", "", now)
    return True


def remove_helper(*, patient: Patient, actor: User, helper: Caregiver, now: datetime) -> bool:
    """End this helper's right now; returns False when it had ended already."""
    with transaction.atomic():
        live = Caregiver.objects.filter(pk=helper.pk, patient=patient, removed_at__isnull=True)
        if not live.update(removed_at=now):
            return False
        changed(patient, actor, "removed a helper", "", now)
    return True

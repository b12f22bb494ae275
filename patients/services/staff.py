"""Who works at a clinic. There is always a manager left."""

import uuid

from django.db import transaction

from patients.models import Clinic, Staff, User
from patients.services.errors import NotPossible

TAKEN = "This e-mail is already used for another sign-in: use another one."
LAST_MANAGER = "A clinic needs a manager. Make somebody else a manager first."


def add_staff(*, clinic: Clinic, first_name: str, last_name: str, email: str, role: str) -> Staff:
    """Somebody new, or back again: no password yet, a link to choose one is sent by the page."""
    with transaction.atomic():
        user = User.objects.filter(email__iexact=email).first()
        if user is not None:
            return _back_again(clinic, user, role)
        user = User(username=uuid.uuid4().hex, email=email, first_name=first_name, last_name=last_name)
        user.set_unusable_password()
        user.save()
        return Staff.objects.create(user=user, clinic=clinic, role=role)


def _back_again(clinic: Clinic, user: User, role: str) -> Staff:
    staff = Staff.objects.filter(clinic=clinic, user=user).first()
    if staff is None:
        raise NotPossible(TAKEN, field="email")
    if staff.active:
        raise NotPossible(f"{staff.name} is on the list already.", field="email")
    staff.active, staff.role = True, role
    staff.save(update_fields=["active", "role"])
    return staff


def change_staff(*, clinic: Clinic, pk: int, active: bool, role: str) -> Staff:
    """Change role or stop access. NotPossible for the last manager; the clinic's managers are locked meanwhile."""
    with transaction.atomic():
        managers = Staff.objects.filter(clinic=clinic, role=Staff.Role.MANAGER).order_by("pk")
        list(managers.select_for_update(no_key=True))
        staff = Staff.objects.select_related("user").filter(clinic=clinic, pk=pk).first()
        if staff is None:
            raise NotPossible("There is no such person at this clinic.")
        others = managers.filter(active=True, user__is_active=True).exclude(pk=pk)
        stays = active and role == Staff.Role.MANAGER
        if staff.active and staff.role == Staff.Role.MANAGER and not stays and not others.exists():
            raise NotPossible(LAST_MANAGER)
        staff.active, staff.role = active, role
        staff.save(update_fields=["active", "role"])
    return staff

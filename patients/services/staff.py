"""Adds and changes staff. A clinic always keeps a manager, and managers cannot change their own access."""

import uuid

from django.db import IntegrityError, transaction
from django.db.models import Q

from patients.models import Clinic, Staff, User
from patients.permissions import Permission, roles_with
from patients.services.errors import NotPossible
from patients.services.sessions import end_all
from patients.trail import What, note

JUST_NOW = "Somebody has just been added with this e-mail. Look at the list above."
LAST_MANAGER = "A clinic needs a manager. Make somebody else a manager first."
YOURSELF = "You cannot change your own role or access. Ask another manager."

MEANWHILE = "Another manager has just changed {name}. Look at the list, then change what is still to change."


def add_staff(
    *, clinic: Clinic, first_name: str, last_name: str, email: str, role: str, by: User | None = None
) -> Staff:
    """Add a member of staff, or give access again; without a password: the page sends a link to choose one.

    A person who signs in with this e-mail elsewhere gets a second sign-in, for this clinic alone, which only the
    owner of the address can open. The clinic does not learn that they have two. Raises NotPossible.
    """
    known = Staff.objects.filter(clinic=clinic, user__email__iexact=email).select_related("user").first()
    if known is not None:
        return _back_again(known, role, by)
    user = User(
        username=uuid.uuid4().hex, email=email, first_name=first_name, last_name=last_name, works_at=clinic
    )
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
            return Staff.objects.create(user=user, clinic=clinic, role=role)
    except IntegrityError:
        # At the same moment another request added this address.
        raise NotPossible(JUST_NOW, field="email") from None


def _back_again(staff: Staff, role: str, by: User | None) -> Staff:
    if staff.active:
        raise NotPossible(
            f"{staff.name} is on the list above already: change the role or send a link there.", field="email"
        )
    staff.active, staff.role = True, role
    _save(staff, by)
    return staff


def change_staff(*, manager: Staff, person: Staff, active: bool, role: str) -> Staff:
    """Change a colleague's role or access; raises NotPossible for oneself and for the last active manager."""
    if person.pk == manager.pk:
        raise NotPossible(YOURSELF)
    with transaction.atomic():
        managers = Staff.objects.filter(clinic_id=manager.clinic_id, role__in=roles_with(Permission.MANAGE_STAFF))
        # Two managers who stop each other's access at once wait for each other here. Rows are locked by id, as
        # everywhere that locks several colleagues, to avoid deadlocks.
        touched = Staff.objects.filter(Q(pk__in=managers.values("pk")) | Q(pk=person.pk)).order_by("pk")
        held = {row.pk: row for row in touched.select_for_update(no_key=True)}
        if not managers.filter(pk=manager.pk, active=True).exists():
            raise NotPossible("You are not a manager any more.")
        if (held[person.pk].active, held[person.pk].role) != (person.active, person.role):
            raise NotPossible(MEANWHILE.format(name=person.name))
        others = managers.filter(active=True, user__is_active=True).exclude(pk=person.pk)
        if not (active and role in roles_with(Permission.MANAGE_STAFF)) and not others.exists():
            raise NotPossible(LAST_MANAGER)
        person.active, person.role = active, role
        _save(person, manager.user)
    return person


def _save(person: Staff, by: User | None) -> None:
    """Save the change, write it to the trail, and end the person's sessions, so that they sign in again."""
    with transaction.atomic():
        person.save(update_fields=["active", "role"])
        now_is = person.role if person.active else "no access"
        note(What.ACCESS, None, user=person.user, by=by, clinic=person.clinic, detail=now_is)
        end_all(person.user, None, by=by, why="role or access changed")

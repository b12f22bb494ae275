"""The only way to a clinic's rows: every query on behalf of a signed-in person starts here.

Pages, forms and selectors never use a model's own manager (an architecture test checks it). They call
rows_of(DailyLog, patient=patient), so a query cannot forget whose rows it wants. The database enforces the same
rules again with its own policies (patients.wall).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Exists, Expression, F, Model, OuterRef, Q, QuerySet

from patients.models import Caregiver, Patient, Staff, User

Row = TypeVar("Row", bound=Model)
# One owner, several, or (in a subquery) the owner of the outer row.
Whose = Model | int | F | Expression | QuerySet[Any] | Collection[int]
OWNERS = ("clinic", "patient", "procedure", "alert", "user")


def rows_of(model: type[Row], **whose: Whose) -> QuerySet[Row]:
    """Return the rows of one owner: rows_of(DailyLog, patient=patient), rows_of(Alert, clinic=staff.clinic_id).

    whose: exactly one of OWNERS, also one the row reaches through another (a log's clinic is its patient's).
    Raises TypeError for anything else, and for None, so that a missing owner never means all rows.
    """
    ((owner, value),) = whose.items() if len(whose) == 1 else ((", ".join(whose), None),)
    if owner not in OWNERS or value is None:
        raise TypeError(
            f"Say whose rows of {model.__name__}: one of {', '.join(OWNERS)}; not {owner or 'nothing'}."
        )
    # The person of a request is lazy, and passes for a collection of anything.
    many = isinstance(value, (QuerySet, Collection)) and not isinstance(value, Model)
    return model._default_manager.filter(**{_path(model, owner) + ("__in" if many else ""): value})


def _path(model: type[Model], owner: str) -> str:
    """Return the lookup path from a row of the model to its owner; raises TypeError when there is none."""
    fields = {field.name: field for field in model._meta.fields}
    if owner in fields:
        return owner
    for by in OWNERS[1:]:
        if by in fields and isinstance(beyond := fields[by].related_model, type):
            return f"{by}__{_path(beyond, owner)}"
    raise TypeError(f"{model.__name__} has no {owner}.")


def joined(model: type[Row]) -> QuerySet[Row]:
    """Return all rows, only to join to rows whose owner is known (as in a Prefetch), or to pick by their ids."""
    return model._default_manager.all()


def across_clinics(model: type[Row], why: str) -> QuerySet[Row]:
    """Return the rows of all clinics that the database shows to this scope. why: the reason, for readers."""
    assert why
    return model._default_manager.all()


def for_staff(staff: Staff) -> QuerySet[Patient]:
    """Return the patients of the clinic of this member of staff; none when they are inactive."""
    if not staff.active:
        return Patient.all_clinics.none()
    return Patient.all_clinics.filter(clinic_id=staff.clinic_id)


def for_user(user: User | int, now: datetime) -> QuerySet[Patient]:
    """Return the user as a patient, and the patients who let them help now.

    The union uses two indexes; an OR over two tables would read the patients of all clinics.
    """
    own = Patient.all_clinics.filter(user=user).values("pk")
    helped = helping(user, now).values("patient_id")
    return Patient.all_clinics.filter(pk__in=own.union(helped))


def with_helped(patients: QuerySet[Patient], now: datetime) -> QuerySet[Patient]:
    """Annotate the patients with is_helped: whether they have a helper now."""
    live = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    rights = Caregiver.objects.filter(live, patient=OuterRef("pk"), removed_at__isnull=True)
    return patients.annotate(is_helped=Exists(rights))


def helping(user: User | int, now: datetime) -> QuerySet[Caregiver]:
    """Return the rights with which this user helps patients now: not removed, not expired."""
    return Caregiver.objects.filter(user=user, removed_at__isnull=True).filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    )


def once_answered_for(user: User) -> QuerySet[Patient]:
    """Return the user as a patient and all they ever helped, for logs written while they were still helpers."""
    helped = Caregiver.objects.filter(user=user).values("patient_id")
    return Patient.all_clinics.filter(Q(user=user) | Q(pk__in=helped))


def roles_of(user: User | int) -> QuerySet[Staff]:
    """Return the active roles of a user who may sign in, the oldest first, with clinic and user loaded."""
    roles = Staff.objects.filter(user=user, active=True, user__is_active=True)
    return roles.select_related("clinic", "user").order_by("id")


def staff_of(user: User) -> Staff | None:
    """Return the active role of a user, or None. For the sender of a request use proofs.staff_now instead."""
    return roles_of(user).first()

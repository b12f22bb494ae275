"""The only door to a clinic's rows: everything a signed-in person may reach starts here.

Pages, forms and selectors name no table's own manager (an architecture test): they ask rows_of(DailyLog,
patient=patient), so that a query without "whose" can not be written. The database holds the same once more, by
policies of its own (patients.wall).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Exists, Expression, F, Model, OuterRef, Q, QuerySet

from patients.models import Caregiver, Patient, Staff, User

Row = TypeVar("Row", bound=Model)
# One, several, or (in a subquery) that of the row outside.
Whose = Model | int | F | Expression | QuerySet[Any] | Collection[int]
OWNERS = ("clinic", "patient", "procedure", "alert", "user")


def rows_of(model: type[Row], **whose: Whose) -> QuerySet[Row]:
    """The rows of one owner: rows_of(DailyLog, patient=patient), rows_of(Alert, clinic=staff.clinic_id).

    whose: exactly one of OWNERS, also where the row reaches it by another (a log's clinic is its patient's).
    TypeError for anything else, also for None: nobody's rows are never everybody's.
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
    """How a row of the model reaches its owner."""
    fields = {field.name: field for field in model._meta.fields}
    if owner in fields:
        return owner
    for by in OWNERS[1:]:
        if by in fields and isinstance(beyond := fields[by].related_model, type):
            return f"{by}__{_path(beyond, owner)}"
    raise TypeError(f"{model.__name__} has no {owner}.")


def joined(model: type[Row]) -> QuerySet[Row]:
    """Rows that are only ever joined to, or picked by ids from, others whose owner is known: as for a Prefetch."""
    return model._default_manager.all()


def across_clinics(model: type[Row], why: str) -> QuerySet[Row]:
    """Rows of every clinic the database lets the asker see. why: for whoever reads the code."""
    assert why
    return model._default_manager.all()


def for_staff(staff: Staff) -> QuerySet[Patient]:
    """The patients of the clinic this active member of staff works at; nobody's when inactive."""
    if not staff.active:
        return Patient.all_clinics.none()
    return Patient.all_clinics.filter(clinic_id=staff.clinic_id)


def for_user(user: User, now: datetime) -> QuerySet[Patient]:
    """The person themself, and those who let them help right now.

    By two indexes, whatever the number of patients: an OR over two tables would read the patients of all clinics.
    """
    own = Patient.all_clinics.filter(user=user).values("pk")
    helped = helping(user, now).values("patient_id")
    return Patient.all_clinics.filter(pk__in=own.union(helped))


def with_helped(patients: QuerySet[Patient], now: datetime) -> QuerySet[Patient]:
    """The same patients, each knowing without a further statement whether somebody helps them right now."""
    live = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    rights = Caregiver.objects.filter(live, patient=OuterRef("pk"), removed_at__isnull=True)
    return patients.annotate(is_helped=Exists(rights))


def helping(user: User, now: datetime) -> QuerySet[Caregiver]:
    """The live helper rights of a person: not removed, not expired."""
    return Caregiver.objects.filter(user=user, removed_at__isnull=True).filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    )


def once_answered_for(user: User) -> QuerySet[Patient]:
    """The same, and those they helped at any time before: for what was written while they still might."""
    helped = Caregiver.objects.filter(user=user).values("patient_id")
    return Patient.all_clinics.filter(Q(user=user) | Q(pk__in=helped))


def roles_of(user: User) -> QuerySet[Staff]:
    """The active roles of a person who may sign in, the first one first, with clinic and user loaded."""
    roles = Staff.objects.filter(user=user, active=True, user__is_active=True)
    return roles.select_related("clinic", "user").order_by("id")


def staff_of(user: User) -> Staff | None:
    """The active role of a person; None for everybody else. Of whoever sends a request: proofs.staff_now."""
    return roles_of(user).first()

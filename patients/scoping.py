"""The only door to a clinic's rows: everything a signed-in person may reach starts here."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from patients.models import Caregiver, Patient, Staff, User


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

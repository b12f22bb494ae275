"""The medical lead of a clinic, a physician whom a manager names."""

from datetime import datetime

from django.db import transaction

from patients.models import Clinic, MedicalLead, Staff
from patients.permissions import Permission, may
from patients.services.errors import NotPossible

NOT_A_PHYSICIAN = "Choose a physician of this clinic who can sign in."


def lead_of(clinic_id: int) -> MedicalLead | None:
    """Return the newest row if that person is still a physician who can sign in, else None; one statement."""
    rows = MedicalLead.objects.filter(clinic_id=clinic_id).select_related("staff__user", "named_by__user")
    row = rows.order_by("-named_at", "-pk").first()
    return row if row and may_lead(row.staff) else None


def may_lead(staff: Staff) -> bool:
    """Return whether this is a physician who can sign in."""
    return staff.user.is_active and may(staff, Permission.BE_MEDICAL_LEAD)


def name_lead(*, manager: Staff, staff: Staff, now: datetime) -> MedicalLead:
    """Name this physician medical lead, who signs what becomes less strict. Raises NotPossible for others."""
    if staff.clinic_id != manager.clinic_id or not may_lead(staff):
        raise NotPossible(NOT_A_PHYSICIAN, field="staff")
    with transaction.atomic():
        Clinic.objects.select_for_update(no_key=True).get(pk=manager.clinic_id)
        row = lead_of(manager.clinic_id)
        if row and row.staff_id == staff.pk:
            return row
        return MedicalLead.objects.create(clinic_id=manager.clinic_id, staff=staff, named_by=manager, named_at=now)

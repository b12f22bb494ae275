"""One patient's whole record as JSON: all that is stored about the person (format: docs/howto/record-file.md)."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from phonenumber_field.phonenumber import PhoneNumber

from patients.access import StaffRequest, needs, not_too_often, patient_or_404
from patients.models import Patient, Staff, User
from patients.permissions import Permission
from patients.scoping import joined, rows_of
from patients.trail import What, note
from recovery.desk.records.record_tables import FIELDS_LEFT_OUT, TABLES

FORMAT, VERSION = "kypho-recovery-record", 1


@require_safe
@needs(Permission.EXPORT_RECORD)
@not_too_often("export")
def record_file(request: StaffRequest, code: UUID) -> HttpResponse:
    """Send the file. The export is in the record's own log of looks, and in the trail."""
    patient = patient_or_404(request, code, action="exported the whole record", subject="JSON")
    clinic = request.staff.clinic
    note(What.EXPORT, request, user=request.user, clinic=clinic, detail=f"whole record {patient.code}")
    answer = HttpResponse(as_json(patient, timezone.now()), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="record-{patient.code}.json"'
    answer["Cache-Control"] = "no-store"
    return answer


def as_json(patient: Patient, now: datetime) -> str:
    """Return the file as text."""
    return json.dumps(whole_record(patient, now), cls=_Encoder, ensure_ascii=False, indent=1)


def whole_record(patient: Patient, now: datetime) -> dict[str, Any]:
    """Return everything stored about a patient. One statement for each table, and two for the names."""
    tables = {name: list(rows(patient).order_by("pk")) for name, (_, rows) in TABLES.items()}
    clinic = patient.clinic
    return {
        "format": FORMAT,
        "version": VERSION,
        "made_at": now,
        "clinic": {"id": clinic.pk, "name": clinic.name, "phone": clinic.phone, "timezone": clinic.timezone},
        "patient": _row(patient),
        "sign_in": _person(patient.user) if patient.user else None,
        "tables": {name: [_row(row) for row in rows] for name, rows in tables.items()},
        **_names(patient, tables.values()),
    }


def _row(row: Model) -> dict[str, Any]:
    """Return the stored fields of a row; a row of another table by its id."""
    label = row._meta.label
    fields = [field for field in row._meta.concrete_fields if f"{label}.{field.name}" not in FIELDS_LEFT_OUT]
    return {field.attname: field.value_from_object(row) for field in fields}


def _person(user: User) -> dict[str, Any]:
    """Return what is stored of a sign-in, without the password."""
    return {
        "id": user.pk,
        "name": user.get_full_name(),
        "email": user.email,
        "phone": user.phone,
        "phone_verified": user.phone_verified,
        "language": user.language,
        "date_joined": user.date_joined,
        "last_login": user.last_login,
        "is_active": user.is_active,
    }


def _names(patient: Patient, tables: Iterable[list[Model]]) -> dict[str, Any]:
    """Return the names behind the ids of staff and of users: who did or wrote something, and the helpers."""
    staff, users = set(), set()
    for row in (row for rows in tables for row in rows):
        for field in row._meta.concrete_fields:
            found = field.value_from_object(row)
            if field.related_model is Staff and found:
                staff.add(found)
            elif field.related_model is User and found:
                users.add(found)
    known = rows_of(Staff, clinic=patient.clinic_id).filter(pk__in=staff).select_related("user")
    people = joined(User).filter(pk__in=users)
    return {
        "staff": [{"id": one.pk, "name": one.name, "role": one.role} for one in known.order_by("pk")],
        "people": [{"id": one.pk, "name": one.get_full_name()} for one in people.order_by("pk")],
    }


class _Encoder(DjangoJSONEncoder):
    """Writes times in ISO 8601 with their zone to the microsecond, and phone numbers as E.164."""

    def default(self, o: Any) -> Any:
        if isinstance(o, datetime):
            return o.isoformat()
        return str(o) if isinstance(o, PhoneNumber) else super().default(o)

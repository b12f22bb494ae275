"""Corrects a patient's record and sign-in, closes a recovery and starts a new one; the plan follows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.models import Max

from patients.audit import SUBJECT_MOST, changed
from patients.models import AccessEvent, CallBack, HospitalStay, Patient, Procedure, Staff, Travel, User
from patients.models.patient import RANK_REST
from patients.services.clinicians import first_record, restarts
from patients.services.enrolment import free, new_user, refuse_duplicates
from patients.services.errors import NotPossible
from patients.sign_in import own_number
from patients.status import lock

# Fields that the record and the sign-in share.
# Of the person, whatever they have a record for.
OF_THE_USER = frozenset(["language"])
SIGN_IN = ("first_name", "last_name", "phone", "email", *OF_THE_USER)
OPEN_ALERT = (
    "An alert of this patient is still open: closing would hide it. Answer and close it on the chart first."
)
IN_HOSPITAL = "This patient is in the hospital, as far as we know. Write down on the chart how that ended first."
PROMISED = "A call-back is promised to this patient. Call first, and write the contact down on the chart."
AGAIN = "A colleague has just saved the same. Press Save again."
CLOSED = "This recovery was closed already."
SAVED, ENDED, BEGUN = "changed the record", "closed the recovery", "started a recovery"


class ChangedMeanwhile(NotPossible):
    """A colleague changed the same fields after this form was opened."""

    def __init__(self, text: str, *, fields: set[str], newest: int) -> None:
        super().__init__(text)
        self.fields, self.newest = fields, newest


def newest_change(code: UUID) -> int:
    """Return the id of a record's last change, 0 if none. Pages call it before they read the record."""
    return changes().filter(patient__code=code).aggregate(newest=Max("pk"))["newest"] or 0


def changes() -> "models.QuerySet[AccessEvent]":
    """Return the changes of all records, for newest_change and for pages that read it with their rows."""
    return AccessEvent.objects.filter(action__in=(SAVED, ENDED, BEGUN))


def save_record(
    *,
    staff: Staff,
    patient: Patient,
    procedure: Procedure | None,
    person: dict[str, Any],
    record: dict[str, Any],
    fields: set[str],
    another_person: bool,
    now: datetime,
    seen: int | None = None,
    shared: bool = False,
) -> None:
    """Write only the changed fields, in one transaction; raises NotPossible that names the field and the patient.

    person and record hold the values of patient and procedure. A new phone or e-mail also changes the sign-in.
    seen: the newest change that the form knew. Saving does not overwrite a colleague's newer change of the same
    field: it raises ChangedMeanwhile.
    """
    refuse_duplicates(staff.clinic, person, another_person=another_person, own=patient, shared=shared)
    try:
        with transaction.atomic():
            lock(patient.pk)
            if seen is not None:
                _refuse_unread(patient, fields, seen)
            kept = {"timezone"} if "timezone" in fields and _write_home(patient, person["timezone"]) else set()
            _write(Patient.all_clinics.filter(pk=patient.pk), person, fields - kept - OF_THE_USER)
            if "phone" in fields:
                own_number.written_anew(patient, now)
            _follow_with_sign_in(patient, person, fields)
            if procedure is not None:
                stored, written = restarts(staff, procedure, record, fields, now)
                _write(Procedure.objects.filter(pk=procedure.pk), stored, written)
                if procedure.emptied:
                    Procedure.objects.filter(pk=procedure.pk).update(emptied="")
            look_again(patient, now)
            changed(patient, staff.user, SAVED, ", ".join(sorted(fields)), now)
    except IntegrityError:
        # At the same moment another request saved the same phone, e-mail or record number.
        refuse_duplicates(staff.clinic, person, another_person=True, own=patient, shared=shared)
        raise NotPossible(AGAIN) from None


def save_days(
    *,
    staff: Staff,
    patient: Patient,
    procedure: Procedure,
    record: dict[str, Any],
    fields: set[str],
    now: datetime,
    seen: int | None,
) -> None:
    """Write these fields of an open recovery, as save_record does, and the plan follows. Call in a transaction.

    Raises NotPossible when a manager sets a day to start a medicine again, or the recovery was closed, and
    ChangedMeanwhile when one of `record`, which belong together, was changed after the change `seen`.
    """
    lock(patient.pk)
    if not Procedure.objects.filter(pk=procedure.pk, closed_at__isnull=True).exists():
        raise NotPossible(CLOSED)
    if seen is not None:
        _refuse_unread(patient, set(record), seen)
    stored, written = restarts(staff, procedure, record, fields, now)
    _write(Procedure.objects.filter(pk=procedure.pk), stored, written)
    look_again(patient, now)
    changed(patient, staff.user, SAVED, ", ".join(sorted(fields)), now)


def _refuse_unread(patient: Patient, fields: set[str], seen: int) -> None:
    """Raise ChangedMeanwhile if colleagues changed any of these fields after the change `seen`."""
    events = list(changes().filter(patient=patient, pk__gt=seen).select_related("actor").order_by("pk"))
    both: set[str] = set()
    met: list[AccessEvent] = []
    for event in events:
        # all fields count when the list of names was cut, or a recovery was closed or started
        whole = event.action == SAVED and len(event.subject) < SUBJECT_MOST
        same = fields & set(event.subject.split(", ")) if whole else fields
        both |= same
        met += [event] if same else []
    if both:
        told = next((event for event in met if event.action == BEGUN), met[-1])
        text = f"{told.actor.get_full_name()} {told.action} while this page was open."
        raise ChangedMeanwhile(text, fields=both, newest=events[-1].pk)


def _write(rows: "models.QuerySet[Any]", values: dict[str, Any], fields: set[str]) -> None:
    """Update only the changed fields, so that a colleague's other changes and the status on the row stay."""
    if changes := {name: value for name, value in values.items() if name in fields}:
        rows.update(**changes)


def _write_home(patient: Patient, zone: str) -> bool:
    """Write the zone as that of home when the patient travels; returns False when they do not."""
    return bool(Travel.objects.filter(patient=patient, ended_at__isnull=True).update(home_zone=zone))


def _follow_with_sign_in(patient: Patient, person: dict[str, Any], fields: set[str]) -> None:
    """Update the sign-in to match the record; a new phone number must be verified again."""
    if patient.user_id is None:
        phone, email = free("phone", person["phone"]), free("email", person["email"])
        user = new_user(person["first_name"], person["last_name"], phone, email, person.get("language", ""))
        Patient.all_clinics.filter(pk=patient.pk).update(user=user)
        return
    changes = {name: person[name] for name in SIGN_IN if name in fields}
    # An address with which another person signs in stays theirs; this patient signs in with the card.
    changes |= {name: free(name, changes[name], patient.user_id) for name in ("phone", "email") if name in changes}
    if "phone" in changes:
        changes |= {"phone": changes["phone"] or None, "phone_verified": False}
    if changes:
        User.objects.filter(pk=patient.user_id).update(**changes)


def look_again(patient: Patient, now: datetime) -> None:
    """Have the next sweep check this patient's plan, unless the recovery is closed."""
    Patient.all_clinics.filter(pk=patient.pk, plan_due_at__isnull=False).update(plan_due_at=now)


def close_recovery(
    *, staff: Staff, patient: Patient, procedure: Procedure, closed_at: datetime, now: datetime
) -> None:
    """Close a recovery: no more reminders and no silence. The record stays.

    Raises NotPossible while an alert is open, which staff would no longer see, while a call-back is promised, and
    while the patient is in the hospital.
    """
    with transaction.atomic():
        lock(patient.pk)
        if HospitalStay.objects.filter(patient=patient, ended_at__isnull=True).exists():
            raise NotPossible(IN_HOSPITAL)
        if CallBack.objects.filter(patient=patient, settled_at__isnull=True, late_at__isnull=True).exists():
            raise NotPossible(PROMISED)
        if Patient.all_clinics.filter(pk=patient.pk, work_rank__lt=RANK_REST).exists():
            raise NotPossible(OPEN_ALERT)
        if not Procedure.objects.filter(pk=procedure.pk, closed_at__isnull=True).update(closed_at=closed_at):
            raise NotPossible(CLOSED)
        Patient.all_clinics.filter(pk=patient.pk).update(plan_due_at=None)
        changed(patient, staff.user, ENDED, "", now)


def start_recovery(*, staff: Staff, patient: Patient, record: dict[str, Any], now: datetime) -> Procedure:
    """Start a recovery after a new procedure of a known patient.

    Raises NotPossible while another recovery is open, or when a manager sets a day to start a medicine again.
    """
    with transaction.atomic():
        lock(patient.pk)
        if Procedure.objects.filter(patient=patient, closed_at__isnull=True).exists():
            raise NotPossible("A recovery of this patient is open already. Close it first.")
        procedure = Procedure.objects.create(patient=patient, **first_record(staff, record, now))
        Patient.all_clinics.filter(pk=patient.pk).update(plan_due_at=now, planned_on=None)
        changed(patient, staff.user, BEGUN, "", now)
    return procedure

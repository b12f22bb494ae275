"""Questions about people: how to reach them, who works, what the rules need to know of a patient."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from patients.models import Caregiver, Clinic, Consent, Patient, Procedure, Staff


@dataclass(frozen=True)
class Contact:
    """Where one message may go right now. An empty address comes with the reason why not."""

    address: str
    name: str
    timezone: str
    why_not: str = ""


def contactable(recipient: str, channel: str) -> Contact:
    """The address of staff:ID, patient:ID or caregiver:ID for a channel, asked at the moment of sending.

    A suspended member of staff, a withdrawn consent or a removed helper has no address any more.
    """
    kind, _, pk = recipient.partition(":")
    finders = {"staff": _staff_contact, "patient": _patient_contact, "caregiver": _caregiver_contact}
    if kind not in finders or not pk.isdigit():
        return Contact("", "", "UTC", "unknown recipient")
    return finders[kind](int(pk), channel)


def _staff_contact(pk: int, channel: str) -> Contact:
    staff = Staff.objects.select_related("user", "clinic").filter(pk=pk).first()
    if staff is None or not staff.active or not staff.user.is_active:
        return Contact("", "", "UTC", "no longer on the staff")
    return _contact(staff.user.email, staff.user.phone, staff.name, staff.clinic.timezone, channel, f"staff:{pk}")


def _patient_contact(pk: int, channel: str) -> Contact:
    patient = Patient.all_clinics.filter(pk=pk).first()
    if patient is None:
        return Contact("", "", "UTC", "unknown patient")
    if not agreed(patient.pk, Consent.Purpose.MESSAGES):
        return Contact("", patient.first_name, patient.timezone, "consent withdrawn")
    return _contact(patient.email, patient.phone, patient.first_name, patient.timezone, channel, f"patient:{pk}")


def _caregiver_contact(pk: int, channel: str) -> Contact:
    helper = Caregiver.objects.select_related("user", "patient").filter(pk=pk, removed_at__isnull=True).first()
    if helper is None or not agreed(helper.patient_id, Consent.Purpose.HELPERS):
        return Contact("", "", "UTC", "no longer a helper")
    name = helper.user.get_full_name()
    return _contact(
        helper.user.email, helper.user.phone, name, helper.patient.timezone, channel, f"caregiver:{pk}"
    )


def _contact(email: str, phone: Any, name: str, zone: str, channel: str, board: str) -> Contact:
    address = {"email": email, "sms": str(phone or ""), "board": board}.get(channel, "")
    return Contact(address, name, zone, "" if address else f"no {channel} address on file")


def agreed(patient_id: int, purpose: str) -> bool:
    """Does a live consent for this purpose exist?"""
    return Consent.objects.filter(patient_id=patient_id, purpose=purpose, withdrawn_at__isnull=True).exists()


def patient_channels(patient: Patient) -> list[str]:
    """The channels a patient can be reached by, best first: SMS reaches people over 65 best."""
    return [name for name, value in (("sms", patient.phone), ("email", patient.email)) if value]


def live_helpers(patient_id: int, now: datetime) -> list[Caregiver]:
    """Helpers whose right is neither removed nor expired."""
    live = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    return list(
        Caregiver.objects.filter(live, patient_id=patient_id, removed_at__isnull=True).select_related("user")
    )


def active_staff(clinic: Clinic) -> list[Staff]:
    """Everyone who works at a clinic now, with their user."""
    rows = Staff.objects.filter(clinic=clinic, active=True, user__is_active=True)
    return list(rows.select_related("user").order_by("id"))


def open_procedure(patient: Patient) -> Procedure | None:
    """The procedure whose recovery is being watched, with nothing else loaded."""
    return Procedure.objects.filter(patient=patient, closed_at__isnull=True).first()

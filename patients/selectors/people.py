"""Queries about people: how messages reach them, who works at a clinic, who may write about a patient."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from patients.models import (
    Caregiver,
    Clinic,
    Consent,
    ContactMethod,
    Patient,
    Procedure,
    Staff,
    StoppedNumber,
    Travel,
    User,
)
from patients.permissions import Permission, may
from patients.scoping import across_clinics, joined, rows_of
from patients.selectors.devices import devices_named, read_device
from patients.selectors.languages import language_of
from patients.selectors.reach import SMS, stopped_among
from patients.selectors.turns import without_resting
from patients.values.languages import ENGLISH
from patients.vault.keys import Unopened

BY_NUMBER = "a phone number belongs to no clinic"
BY_RECIPIENT = "a message names its reader, and not the clinic"
NO_TEXTS: dict[str, str] = {
    StoppedNumber.Why.STOP: "texts stopped by a STOP from this phone",
    StoppedNumber.Why.LANDLINE: "this phone takes no texts",
}


@dataclass(frozen=True)
class Contact:
    """Where one message may go now, or an empty address and the reason.

    stopped: the phone of a patient or helper takes no texts, so e-mail must be used. language: of the reader.
    """

    address: str
    name: str
    timezone: str
    why_not: str = ""
    stopped: bool = False
    language: str = ENGLISH


def contactable(recipient: str, channel: str) -> Contact:
    """Return the address of staff:ID, patient:ID or caregiver:ID for a channel, at the moment of sending.

    It is empty after staff lost access, a consent was withdrawn or a helper was removed. contact:ID is one contact
    method of staff, verified or not, to which a code for verifying goes. staff:ID:DEVICE (or patient:, caregiver:)
    is a browser of theirs; its address is JSON with endpoint, p256dh and auth.
    """
    kind, _, pk = recipient.partition(":")
    if channel == ContactMethod.Kind.PUSH:
        return _device_contact(recipient)
    finders = {
        "staff": _staff_contact,
        "patient": _patient_contact,
        "caregiver": _caregiver_contact,
        "contact": _method_contact,
    }
    if kind not in finders or not pk.isdigit():
        return Contact("", "", "UTC", "unknown recipient")
    return finders[kind](int(pk), channel)


def _staff_contact(pk: int, channel: str) -> Contact:
    staff = across_clinics(Staff, BY_RECIPIENT).select_related("user", "clinic").filter(pk=pk).first()
    if staff is None or not staff.active or not staff.user.is_active:
        return Contact("", "", "UTC", "no longer on the staff")
    address, why_not = (f"staff:{pk}", "") if channel == "board" else way_to(staff.user, channel)
    return Contact(address, staff.name, staff.clinic.timezone, why_not)


def read_staff(recipient: str) -> tuple[int | None, int | None]:
    """Return (5, None) for staff:5, (5, 12) for their browser staff:5:12, and (None, None) for anything else."""
    kind, *numbers = recipient.split(":")
    if kind != "staff" or not 1 <= len(numbers) <= 2 or not all(number.isdigit() for number in numbers):
        return None, None
    return int(numbers[0]), int(numbers[1]) if len(numbers) == 2 else None


def _device_contact(recipient: str) -> Contact:
    kind, whose, _ = read_device(recipient)
    # A browser gets what its person may get at all: "board" asks for that and for no address.
    finder = {"patient": _patient_contact, "caregiver": _caregiver_contact}.get(kind)
    person = finder(whose, "board") if finder else None
    if person and not person.address:
        return person
    rows = devices_named(recipient).filter(user__is_active=True)
    rows = rows.filter(user__staff_roles__active=True, user__staff_roles=whose) if kind == "staff" else rows
    row = rows.select_related("user").first()
    if row is None or not row.is_usable:
        return Contact("", "", "UTC", row.why_not if row else "the device was removed")
    try:
        language = person.language if person else ENGLISH
        return Contact(row.subscription, row.user.get_full_name(), "UTC", language=language)
    except Unopened as error:  # without an address, the next person is told at once
        return Contact("", "", "UTC", str(error))


def _method_contact(pk: int, channel: str) -> Contact:
    row = ContactMethod.objects.select_related("user").filter(pk=pk, kind=channel, user__is_active=True).first()
    if row is None or row.opted_out_at:
        return Contact("", "", "UTC", row.why_not if row else "unknown contact method")
    return Contact(row.address, row.user.get_full_name(), "UTC")


def way_to(user: User, kind: str) -> tuple[str, str]:
    """Return the address of a member of staff for a kind of message and "", or "" and the reason."""
    rows = ContactMethod.objects.filter(user=user, kind=kind).order_by(F("verified_at").desc(nulls_last=True))
    return _way_among(user, kind, list(rows))


def _way_among(user: User, kind: str, rows: list[ContactMethod]) -> tuple[str, str]:
    """Return the address as way_to does. E-mail is the sign-in address: rows for other e-mails do not count."""
    methods = [row for row in rows if kind != ContactMethod.Kind.EMAIL or row.address == user.email]
    if not methods and kind == ContactMethod.Kind.EMAIL and user.email:
        return user.email, ""
    address = next((row.address for row in methods if row.is_usable), "")
    why_not = methods[0].why_not if methods else f"no {kind} address on file"
    return address, "" if address else why_not


def usable_kinds(users: Iterable[User]) -> dict[int, set[str]]:
    """Return the kinds of message that reach each of these users, by user id; one query."""
    return {pk: set(ways) for pk, ways in usable_ways(users).items()}


def usable_ways(users: Iterable[User]) -> dict[int, dict[str, list[int]]]:
    """Return by user id the kinds of message that reach them, each with the ids of its contact methods; one query.

    The sign-in e-mail has no contact methods.
    """
    email = ContactMethod.Kind.EMAIL.value
    known = {user.pk: user for user in users}
    rows: dict[int, dict[str, list[ContactMethod]]] = {pk: {email: []} for pk in known}
    for row in ContactMethod.objects.filter(user_id__in=known).order_by("pk"):
        rows[row.user_id].setdefault(row.kind, []).append(row)
    return {
        pk: {
            kind: [row.pk for row in methods if row.is_usable and kind != email]
            for kind, methods in rows[pk].items()
            if _way_among(user, kind, methods)[0]
        }
        for pk, user in known.items()
    }


def contact_problems(users: Iterable[User]) -> dict[int, list[str]]:
    """Return why messages do not reach staff, by user id, in words for a manager."""
    known = {user.pk: user for user in users}
    problems: dict[int, list[str]] = {}
    for row in ContactMethod.objects.filter(user_id__in=known, verified_at__isnull=False).order_by("kind"):
        if row.kind == ContactMethod.Kind.EMAIL and row.address != known[row.user_id].email:
            continue
        words = row.state_words
        if words:
            name = row.label or row.get_kind_display()
            problems.setdefault(row.user_id, []).append(f"{name}: {words}")
    return problems


def staff_with_number(number: str) -> list[Staff]:
    """Return the active roles of the user with this verified mobile; a person may work at two clinics."""
    method = ContactMethod.objects.filter(
        kind=ContactMethod.Kind.SMS, address=number, verified_at__isnull=False, disabled_at__isnull=True
    ).first()
    if method is None:
        return []
    rows = across_clinics(Staff, BY_NUMBER).filter(user=method.user_id, active=True, user__is_active=True)
    return list(rows.select_related("user", "clinic").order_by("id"))


def texts_stopped(number: str) -> bool:
    """Return whether this number of a patient or helper takes no texts. number: E.164."""
    return bool(number) and StoppedNumber.objects.filter(number=number).exists()


def who_stopped_texts(users: Iterable[User]) -> set[int]:
    """Return the ids of those users from whose verified mobile STOP was sent; one query."""
    stopped = ContactMethod.objects.filter(kind=ContactMethod.Kind.SMS, opted_out_at__isnull=False)
    mine = stopped.filter(user__in=[user.pk for user in users], verified_at__isnull=False)
    return set(mine.values_list("user_id", flat=True))


def phone_of_clinic(number: str) -> str:
    """Return the clinic's phone for the patient with this number, or the patient its owner helps; or empty."""
    if not number:
        return ""
    helped = across_clinics(Caregiver, BY_NUMBER).filter(user__phone=number, removed_at__isnull=True)
    # two queries, because each has its own index and no index serves both
    ids = {*_by_record(number), *helped.values_list("patient_id", flat=True)}
    patient = joined(Patient).select_related("clinic").get(pk=max(ids)) if ids else None
    return patient.clinic.phone.as_national if patient else ""


def _by_record(number: str) -> set[int]:
    """Return the ids of patients with this number in their record."""
    return set(across_clinics(Patient, BY_NUMBER).filter(phone=number).values_list("pk", flat=True))


@dataclass(frozen=True)
class Writer:
    """A person whose texts are about a patient: the patient, or one of their helpers."""

    patient: Patient
    user: User
    helper: bool


def writers(number: str, now: datetime) -> list[Writer]:
    """Return whom a text from this number is about: patients in recovery with it, and those its owner helps.

    There are several when a couple shares a phone or one person helps two patients. Left out are numbers that the
    patient said are wrong, ended rights of helpers, and closed recoveries.
    """
    if not number:
        return []
    watched = across_clinics(Patient, BY_NUMBER).filter(
        procedures__closed_at__isnull=True, procedures__isnull=False
    )
    signs_in = across_clinics(Patient, BY_NUMBER).filter(user__phone=number).values_list("pk", flat=True)
    theirs = watched.filter(pk__in={*_by_record(number), *signs_in}, phone_wrong_at__isnull=True)
    own = theirs.exclude(user=None).select_related("user", "clinic").order_by("id").distinct()
    found = [Writer(patient, patient.user, helper=False) for patient in own if patient.user]
    live = across_clinics(Caregiver, BY_NUMBER).filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=now), removed_at__isnull=True
    )
    agreed_to = joined(Consent).filter(purpose=Consent.Purpose.HELPERS, withdrawn_at__isnull=True)
    rights = live.filter(user__phone=number, user__is_active=True, patient__in=watched)
    rights = rights.filter(patient__consents__in=agreed_to).select_related("user", "patient__clinic")
    known = {writer.patient.pk for writer in found}
    helped = [right for right in rights.order_by("patient_id").distinct() if right.patient_id not in known]
    return found + [Writer(right.patient, right.user, helper=True) for right in helped]


def _patient_contact(pk: int, channel: str) -> Contact:
    patient = across_clinics(Patient, BY_RECIPIENT).filter(pk=pk).select_related("user").first()
    if patient is None:
        return Contact("", "", "UTC", "unknown patient")
    if not agreed(patient.pk, Consent.Purpose.MESSAGES):
        return Contact("", patient.first_name, patient.timezone, "consent withdrawn")
    found = _contact(patient.email, patient.phone, patient.first_name, patient.timezone, channel, f"patient:{pk}")
    return replace(found, language=language_of(patient.user))


def _caregiver_contact(pk: int, channel: str) -> Contact:
    live = Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())
    rows = across_clinics(Caregiver, BY_RECIPIENT).filter(live, pk=pk, removed_at__isnull=True)
    helper = rows.select_related("user", "patient").first()
    told = helper is not None and may(helper, Permission.GET_ALERT_NOTES)
    if helper is None or not told or not agreed(helper.patient_id, Consent.Purpose.HELPERS):
        return Contact("", "", "UTC", "no longer a helper")
    name = helper.user.get_full_name()
    zone, board = helper.patient.timezone, f"caregiver:{pk}"
    found = _contact(helper.user.email, helper.user.phone, name, zone, channel, board)
    return replace(found, language=language_of(helper.user))


def _contact(email: str, phone: Any, name: str, zone: str, channel: str, board: str) -> Contact:
    address = {"email": email, "sms": str(phone or ""), "call": str(phone or ""), "board": board}.get(channel, "")
    if channel == SMS and (why := stopped_among([address]).get(address)):
        return Contact("", name, zone, NO_TEXTS[why], stopped=True)
    return Contact(address, name, zone, "" if address else f"no {channel} address on file")


def agreed(patient_id: int, purpose: str) -> bool:
    """Return whether the patient has a live consent for this purpose."""
    return rows_of(Consent, patient=patient_id).filter(purpose=purpose, withdrawn_at__isnull=True).exists()


def live_helpers(patient_id: int, now: datetime) -> list[Caregiver]:
    """Return the helpers whose right is neither removed nor expired."""
    live = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    rows = rows_of(Caregiver, patient=patient_id).filter(live, removed_at__isnull=True)
    return list(rows.select_related("user"))


def active_staff(clinic: Clinic) -> list[Staff]:
    """Return all active staff of a clinic, with their users."""
    rows = rows_of(Staff, clinic=clinic).filter(active=True, user__is_active=True)
    return list(rows.select_related("user").order_by("id"))


def open_procedure(patient: Patient) -> Procedure | None:
    """Return the procedure of the patient's open recovery, or None."""
    return rows_of(Procedure, patient=patient).filter(closed_at__isnull=True).first()


def open_travel(patient: Patient) -> Travel | None:
    """Return the travel that the patient is on, or None."""
    return rows_of(Travel, patient=patient).filter(ended_at__isnull=True).first()


def helpers_to_tell(patient_id: int, now: datetime) -> list[Caregiver]:
    """Return the live helpers whom the patient lets get notes, and whose turn it is."""
    told = [helper for helper in live_helpers(patient_id, now) if may(helper, Permission.GET_ALERT_NOTES)]
    return without_resting(told, now)

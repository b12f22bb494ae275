"""Questions about people: how to reach them, who works, what the rules need to know of a patient."""

from collections.abc import Iterable
from dataclasses import dataclass
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
    User,
)
from patients.permissions import Permission, may
from patients.scoping import across_clinics, joined, rows_of
from patients.selectors.reach import SMS, stopped_among
from patients.vault.keys import Unopened

BY_NUMBER = "a phone number belongs to no clinic"
BY_RECIPIENT = "a message names its reader, and not the clinic"
NO_TEXTS: dict[str, str] = {
    StoppedNumber.Why.STOP: "texts stopped by a STOP from this phone",
    StoppedNumber.Why.LANDLINE: "this phone takes no texts",
}


@dataclass(frozen=True)
class Contact:
    """Where one message may go right now. An empty address comes with the reason why not.

    stopped: the phone of a patient or helper takes no texts, so that e-mail is the way.
    """

    address: str
    name: str
    timezone: str
    why_not: str = ""
    stopped: bool = False


def contactable(recipient: str, channel: str) -> Contact:
    """The address of staff:ID, patient:ID or caregiver:ID for a channel, asked at the moment of sending.

    A suspended member of staff, a withdrawn consent or a removed helper has no address any more. contact:ID is
    one contact method of staff, verified or not: where a code to verify it goes. staff:ID:DEVICE is one of her
    browsers; its address is JSON: endpoint, p256dh, auth.
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
    """staff:5 is (5, None), one browser of theirs, staff:5:12, is (5, 12); anything else is nobody."""
    kind, *numbers = recipient.split(":")
    if kind != "staff" or not 1 <= len(numbers) <= 2 or not all(number.isdigit() for number in numbers):
        return None, None
    return int(numbers[0]), int(numbers[1]) if len(numbers) == 2 else None


def _device_contact(recipient: str) -> Contact:
    staff, device = read_staff(recipient)
    rows = ContactMethod.objects.filter(pk=device or 0, kind=ContactMethod.Kind.PUSH, user__is_active=True)
    mine = rows.filter(user__staff_roles__pk=staff or 0, user__staff_roles__active=True)
    row = mine.select_related("user").first()
    if row is None or not row.is_usable:
        return Contact("", "", "UTC", row.why_not if row else "the device was removed")
    try:
        return Contact(row.subscription, row.user.get_full_name(), "UTC")
    except Unopened as error:  # the next person is told at once
        return Contact("", "", "UTC", str(error))


def _method_contact(pk: int, channel: str) -> Contact:
    row = ContactMethod.objects.select_related("user").filter(pk=pk, kind=channel, user__is_active=True).first()
    if row is None or row.opted_out_at:
        return Contact("", "", "UTC", row.why_not if row else "unknown contact method")
    return Contact(row.address, row.user.get_full_name(), "UTC")


def way_to(user: User, kind: str) -> tuple[str, str]:
    """Where a member of staff is reached by a kind of message, or an empty address and why not."""
    rows = ContactMethod.objects.filter(user=user, kind=kind).order_by(F("verified_at").desc(nulls_last=True))
    return _way_among(user, kind, list(rows))


def _way_among(user: User, kind: str, rows: list[ContactMethod]) -> tuple[str, str]:
    """Their e-mail is that of the sign-in: it needs no contact method, and one of another address says nothing."""
    methods = [row for row in rows if kind != ContactMethod.Kind.EMAIL or row.address == user.email]
    if not methods and kind == ContactMethod.Kind.EMAIL and user.email:
        return user.email, ""
    address = next((row.address for row in methods if row.is_usable), "")
    why_not = methods[0].why_not if methods else f"no {kind} address on file"
    return address, "" if address else why_not


def usable_kinds(users: Iterable[User]) -> dict[int, set[str]]:
    """By which kinds of message each of these people of the staff can be reached, in one query."""
    return {pk: set(ways) for pk, ways in usable_ways(users).items()}


def usable_ways(users: Iterable[User]) -> dict[int, dict[str, list[int]]]:
    """Per user, the kinds of message that reach them, each with its contact methods; the sign-in e-mail has none.

    One query.
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
    """Why messages do not reach people of the staff, per user, for a manager to read."""
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
    """The roles of the one active person whose verified mobile this is; a person may work at two clinics."""
    method = ContactMethod.objects.filter(
        kind=ContactMethod.Kind.SMS, address=number, verified_at__isnull=False, disabled_at__isnull=True
    ).first()
    if method is None:
        return []
    rows = across_clinics(Staff, BY_NUMBER).filter(user=method.user_id, active=True, user__is_active=True)
    return list(rows.select_related("user", "clinic").order_by("id"))


def texts_stopped(number: str) -> bool:
    """Was STOP sent from this phone of a patient or helper? number: E.164."""
    return bool(number) and StoppedNumber.objects.filter(number=number).exists()


def who_stopped_texts(users: Iterable[User]) -> set[int]:
    """Those of the staff from whose mobile STOP was sent, by user, in one query."""
    stopped = ContactMethod.objects.filter(kind=ContactMethod.Kind.SMS, opted_out_at__isnull=False)
    mine = stopped.filter(user__in=[user.pk for user in users], verified_at__isnull=False)
    return set(mine.values_list("user_id", flat=True))


def phone_of_clinic(number: str) -> str:
    """The phone of the clinic that cares for the patient, or the helper's patient, with this number; or empty."""
    if not number:
        return ""
    helped = across_clinics(Caregiver, BY_NUMBER).filter(user__phone=number, removed_at__isnull=True)
    # two questions, each with an index of its own: no index serves both at once
    ids = {*_by_record(number), *helped.values_list("patient_id", flat=True)}
    patient = joined(Patient).select_related("clinic").get(pk=max(ids)) if ids else None
    return patient.clinic.phone.as_national if patient else ""


def _by_record(number: str) -> set[int]:
    """The patients in whose record this number stands."""
    return set(across_clinics(Patient, BY_NUMBER).filter(phone=number).values_list("pk", flat=True))


@dataclass(frozen=True)
class Writer:
    """Somebody whose words by text are about a patient: the patient, or a helper of theirs."""

    patient: Patient
    user: User
    helper: bool


def writers(number: str, now: datetime) -> list[Writer]:
    """For whom a text from this number speaks: patients in recovery with this phone, and those its owner helps.

    More than one when a couple shares a phone, or somebody helps two. A number of which the patient said that it
    is not theirs, an ended help and a closed recovery are nobody's.
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
    patient = across_clinics(Patient, BY_RECIPIENT).filter(pk=pk).first()
    if patient is None:
        return Contact("", "", "UTC", "unknown patient")
    if not agreed(patient.pk, Consent.Purpose.MESSAGES):
        return Contact("", patient.first_name, patient.timezone, "consent withdrawn")
    return _contact(patient.email, patient.phone, patient.first_name, patient.timezone, channel, f"patient:{pk}")


def _caregiver_contact(pk: int, channel: str) -> Contact:
    live = Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())
    rows = across_clinics(Caregiver, BY_RECIPIENT).filter(live, pk=pk, removed_at__isnull=True)
    helper = rows.select_related("user", "patient").first()
    told = helper is not None and may(helper, Permission.GET_ALERT_NOTES)
    if helper is None or not told or not agreed(helper.patient_id, Consent.Purpose.HELPERS):
        return Contact("", "", "UTC", "no longer a helper")
    name = helper.user.get_full_name()
    return _contact(
        helper.user.email, helper.user.phone, name, helper.patient.timezone, channel, f"caregiver:{pk}"
    )


def _contact(email: str, phone: Any, name: str, zone: str, channel: str, board: str) -> Contact:
    address = {"email": email, "sms": str(phone or ""), "board": board}.get(channel, "")
    if channel == SMS and (why := stopped_among([address]).get(address)):
        return Contact("", name, zone, NO_TEXTS[why], stopped=True)
    return Contact(address, name, zone, "" if address else f"no {channel} address on file")


def agreed(patient_id: int, purpose: str) -> bool:
    """Does a live consent for this purpose exist?"""
    return rows_of(Consent, patient=patient_id).filter(purpose=purpose, withdrawn_at__isnull=True).exists()


def live_helpers(patient_id: int, now: datetime) -> list[Caregiver]:
    """Helpers whose right is neither removed nor expired."""
    live = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    rows = rows_of(Caregiver, patient=patient_id).filter(live, removed_at__isnull=True)
    return list(rows.select_related("user"))


def active_staff(clinic: Clinic) -> list[Staff]:
    """Everyone who works at a clinic now, with their user."""
    rows = rows_of(Staff, clinic=clinic).filter(active=True, user__is_active=True)
    return list(rows.select_related("user").order_by("id"))


def open_procedure(patient: Patient) -> Procedure | None:
    """The procedure whose recovery is being watched, with nothing else loaded."""
    return rows_of(Procedure, patient=patient).filter(closed_at__isnull=True).first()


def helpers_to_tell(patient_id: int, now: datetime) -> list[Caregiver]:
    """The live helpers who get notes, because the patient said so."""
    return [helper for helper in live_helpers(patient_id, now) if may(helper, Permission.GET_ALERT_NOTES)]

"""Enrols a patient: user, patient, procedure and consent in one transaction."""

import uuid
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Concat

from patients.audit import changed
from patients.models import Caregiver, Clinic, Consent, Patient, Procedure, Staff, User
from patients.models.folded import Folded
from patients.services.errors import NotPossible
from patients.sign_in import cards

# The version of the consent's wording, templates/patients/consents.html; change both together.
WORDING = "2026-11"
ELSEWHERE = "This {kind} is already used for another sign-in: use another one, or say below that they share it."
HERE = "{name} is enrolled here already with this {kind}. If they share it, say so below."
SAME_NAME = "{name}, born on the same day, is enrolled here already. Tick the box below if this is another person."


def enroll(
    *,
    staff: Staff,
    person: dict[str, Any],
    procedure: dict[str, Any] | None,
    messages: bool,
    another_person: bool,
    now: datetime,
    shared: bool = False,
    planned_on: date | None = None,
) -> Patient:
    """Enrol a patient; raises NotPossible that names the field and the patient with the same value.

    procedure: None while it is still to come, on the day planned_on.
    shared: another person also signs in with this phone or e-mail. Messages go there all the same, but the patient
    signs in with an address that is theirs alone, or with their card.
    """
    refuse_duplicates(staff.clinic, person, another_person=another_person, shared=shared)
    try:
        return _take_in(staff, {**person, "planned_on": planned_on}, procedure, messages, now)
    except IntegrityError:
        # At the same moment another request saved the same phone, e-mail or record number. If it was in another
        # clinic, staff are not told, and this patient signs in with the card.
        refuse_duplicates(staff.clinic, person, another_person=True, shared=shared)
        return _take_in(staff, {**person, "planned_on": planned_on}, procedure, messages, now)


def _take_in(
    staff: Staff, person: dict[str, Any], procedure: dict[str, Any] | None, messages: bool, now: datetime
) -> Patient:
    """Write all rows in one transaction."""
    zone = person.get("timezone", "") or staff.clinic.timezone
    language = person.get("language", "")
    person = {name: value for name, value in person.items() if name != "language"}
    with transaction.atomic():
        patient = Patient.all_clinics.create(
            clinic=staff.clinic,
            user=new_user(
                person["first_name"],
                person["last_name"],
                free("phone", person["phone"]),
                free("email", person["email"]),
                language,
            ),
            waiting_since=procedure["ended_at"] if procedure else now,
            phone_confirmed_at=now if person["phone"] else None,
            **{**person, "timezone": zone},
        )
        if procedure:
            Procedure.objects.create(patient=patient, **procedure)
        if messages:
            Consent.objects.create(
                patient=patient,
                purpose=Consent.Purpose.MESSAGES,
                wording_version=WORDING,
                granted_at=now,
            )
        changed(patient, staff.user, "enrolled", "", now)
    return patient


def free(field: str, value: Any, own: int | None = None) -> Any:
    """Return the phone or e-mail, or "" if a user other than `own` (an id) signs in with it."""
    used = User.objects.filter(Q(phone=value) if field == "phone" else Q(email__iexact=value), works_at=None)
    return "" if not value or used.exclude(pk=own or 0).exists() else value


def new_user(first_name: str, last_name: str, phone: Any, email: str, language: str = "") -> User:
    """Make a user who signs in with codes and has no password. language: "" until they choose one."""
    user = User(
        username=uuid.uuid4().hex,
        first_name=first_name,
        last_name=last_name,
        phone=phone or None,
        email=email or "",
        language=language,
    )
    user.set_unusable_password()
    user.save()
    return user


def refuse_duplicates(
    clinic: Clinic,
    person: dict[str, Any],
    *,
    another_person: bool,
    own: Patient | None = None,
    shared: bool = False,
) -> None:
    """Raise NotPossible if phone, e-mail, record number, or name with birth date belong to another person here.

    Only people of this clinic count. An address with which a person elsewhere signs in is treated as shared,
    without a word to staff: this patient signs in with the card.
    """
    for kind, field, used in (
        ("phone", "phone", Q(phone=person["phone"])),
        ("e-mail", "email", Q(email__iexact=person["email"])),
    ):
        # For an unchanged address staff already said that it is shared.
        kept = own is not None and getattr(own, field) == person[field]
        if person[field] and not shared and not kept:
            _refuse_used(clinic, kind, field, used, own)
    known = Patient.all_clinics.filter(clinic=clinic)
    if own:
        known = known.exclude(pk=own.pk)
    same_number = known.filter(mrn=person["mrn"]).first() if person["mrn"] else None
    if same_number:
        text = f"{same_number.name} has this record number already."
        raise NotPossible(text, field="mrn", patient=same_number)
    twin = None if another_person else _same_name(known, person)
    if twin:
        raise NotPossible(SAME_NAME.format(name=twin.name), field="last_name", patient=twin)


def _refuse_used(clinic: Clinic, kind: str, field: str, used: Q, own: Patient | None) -> None:
    user = User.objects.filter(used, works_at=None).first()
    if user is None or (own and user.pk == own.user_id) or not known_here(clinic, user):
        return
    patient = Patient.all_clinics.filter(clinic=clinic, user=user).first()
    text = HERE.format(name=patient.name, kind=kind) if patient else ELSEWHERE.format(kind=kind)
    raise NotPossible(text, field=field, patient=patient)


def known_here(clinic: Clinic, user: User) -> bool:
    """Return whether the user is staff, patient or helper at this clinic, which must not learn of any others."""
    works = Staff.objects.filter(clinic=clinic, user=user)
    helps = Caregiver.objects.filter(patient__clinic=clinic, user=user)
    is_patient = Patient.all_clinics.filter(clinic=clinic, user=user)
    return works.exists() or is_patient.exists() or helps.exists()


def same_person(clinic: Clinic, person: dict[str, Any]) -> Patient | None:
    """Return the patient of this clinic with the same name and birth date, if there is one."""
    return _same_name(Patient.all_clinics.filter(clinic=clinic), person)


def _same_name(known: QuerySet[Patient], person: dict[str, Any]) -> Patient | None:
    """Return a patient with the same birth date and folded name, in either order (Müller, Mueller, Muller)."""
    first, last = Folded(Value(person["first_name"])), Folded(Value(person["last_name"]))
    born = known.filter(birth_date=person["birth_date"])
    named = born.annotate(folded=Concat(Folded(F("last_name")), Folded(F("first_name"))))
    return named.filter(Q(folded=Concat(last, first)) | Q(folded=Concat(first, last))).first()


def make_new_card(*, staff: Staff, patient: Patient, now: datetime) -> None:
    """Make a new sign-in card; the old one stops working."""
    with transaction.atomic():
        cards.new_token(patient)
        changed(patient, staff.user, "made a new card", "", now)

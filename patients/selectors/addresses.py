"""Reads phone numbers and e-mail addresses as people type them, and finds their owners."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from patients.models import Patient, User
from patients.selectors.reach import SMS, reach, sms_works
from patients.values.dialing import read_number, refuse_extension

NOT_AN_ADDRESS = _("Enter a phone number, such as (312) 555-0142, or an e-mail address.")


@dataclass(frozen=True)
class Address:
    """A phone number in E.164 or an e-mail in lower case; exactly one of the two is filled."""

    phone: str = ""
    email: str = ""

    def __str__(self) -> str:
        return self.phone or self.email

    @property
    def masked(self) -> str:
        """The address masked, such as •••• 1234 or a•••@…: its owner recognises it, others cannot use it."""
        return f"•••• {self.phone[-4:]}" if self.phone else f"{self.email[:1]}•••@…"


def read_address(text: str) -> Address:
    """Return the address in what a person typed; raises ValidationError that says how to write it."""
    text = text.strip()
    if "@" in text:
        try:
            validate_email(text)
        except ValidationError:
            raise ValidationError(NOT_AN_ADDRESS, code="address") from None
        return Address(email=text.lower())
    refuse_extension(text)
    number = read_number(text)
    if number is None:
        raise ValidationError(NOT_AN_ADDRESS, code="address")
    return Address(phone=number.as_e164)


def user_at(address: Address) -> User | None:
    """Return the active user who signs in with this address, patients and helpers before staff; or None."""
    users = User.objects.filter(is_active=True).order_by(F("works_at").asc(nulls_first=True), "pk")
    if address.phone:
        return users.filter(phone=address.phone).first()
    return users.filter(email__iexact=address.email).first()


def user_at_text(text: str) -> User | None:
    """Return the active user with the address in this text; None for text that is no address."""
    try:
        return user_at(read_address(text))
    except ValidationError:
        return None


def card_address(patient: Patient) -> Address | None:
    """Return where a sign-in card's code goes: the patient's own address, or a phone or e-mail that they share.

    The card says who the patient is, so it does not matter who else signs in with a shared address.
    """
    own = address_of(patient.user) if patient.user else None
    return own or _address(patient.phone, patient.email)


def address_of(user: User) -> Address | None:
    """Return where a code for this user goes (selectors.reach); None without an address that works here."""
    return _address(user.phone, user.email)


def addresses_of(user: User, own: Iterable[Patient]) -> list[Address]:
    """Return every address a code for this user may go to, e-mail first, because it does not depend on a phone.

    own: their record as a patient, if any. A patient who shares all their addresses gets the card's address.
    """
    way = reach(user.phone, user.email)
    found = [Address(email=user.email)] if user.email else []
    if SMS in way.works:
        found.append(Address(phone=user.phone.as_e164))
    return found or [address for patient in own if (address := card_address(patient))]


def _address(phone: Any, email: str) -> Address | None:
    if phone and sms_works() and reach(phone, email).best == SMS:
        return Address(phone=phone.as_e164)
    return Address(email=email) if email else None

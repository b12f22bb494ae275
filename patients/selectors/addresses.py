"""A phone number or an e-mail address, as people type them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F

from patients.models import Patient, User
from patients.selectors.reach import SMS, reach, sms_works
from patients.values.dialing import read_number, refuse_extension

NOT_AN_ADDRESS = "Enter a phone number, such as (312) 555-0142, or an e-mail address."


@dataclass(frozen=True)
class Address:
    """Exactly one of the two is filled: phone in E.164, e-mail in small letters."""

    phone: str = ""
    email: str = ""

    def __str__(self) -> str:
        return self.phone or self.email

    @property
    def masked(self) -> str:
        """Enough to recognise one's own address, too little to use it: •••• 1234, a•••@…"""
        return f"•••• {self.phone[-4:]}" if self.phone else f"{self.email[:1]}•••@…"


def read_address(text: str) -> Address:
    """Read what a person typed; raises ValidationError that says how to write it."""
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
    """The active person who signs in with this address; by a code a patient or helper before staff."""
    users = User.objects.filter(is_active=True).order_by(F("works_at").asc(nulls_first=True), "pk")
    if address.phone:
        return users.filter(phone=address.phone).first()
    return users.filter(email__iexact=address.email).first()


def user_at_text(text: str) -> User | None:
    """The same, of an address as it was typed or kept; nobody for what is no address."""
    try:
        return user_at(read_address(text))
    except ValidationError:
        return None


def card_address(patient: Patient) -> Address | None:
    """Where the code of a sign-in card goes: to the person, or to the phone or e-mail they share with somebody.

    The card says who it is; whose sign-in a shared address is does not matter then.
    """
    own = address_of(patient.user) if patient.user else None
    return own or _address(patient.phone, patient.email)


def address_of(user: User) -> Address | None:
    """Where a code for this person goes (selectors.reach); None when no provider is set up for what is on file."""
    return _address(user.phone, user.email)


def addresses_of(user: User, own: Iterable[Patient]) -> list[Address]:
    """Every address a code for this person may go to, the one that lies on no phone first.

    own: their record as a patient, if any; where it goes for the card counts for who shares all they have.
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

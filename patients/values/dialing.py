"""Reads phone numbers that can be dialed, also with area codes that are newer than the library's list."""

import re

import phonenumbers
from django.core.exceptions import ValidationError
from phonenumber_field.phonenumber import PhoneNumber, to_python

EXTENSION = re.compile(r"(?:;ext=|ext\.?|extension|x|#)\s*[:.]?\s*(\d{1,9})\s*$", re.IGNORECASE)
NO_EXTENSION = (
    "Leave out the extension ({}): a text or a call from here cannot dial it. Enter a number that rings directly."
)
UNLISTED = "We do not know the area code of {}: newer ones are not in our list. Read the number back once more."
# The form of every number in North America, whatever its area code.
_SHAPE = re.compile(r"[2-9]\d\d[2-9]\d{6}")
NORTH_AMERICA = 1


def refuse_extension(text: str) -> None:
    """Raise ValidationError if the text has an extension, which would otherwise be lost silently."""
    found = EXTENSION.search(text)
    if found:
        raise ValidationError(NO_EXTENSION.format(found[1]), code="extension")


def read_number(text: str) -> PhoneNumber | None:
    """Return the phone number in a text, or None if it cannot be dialed."""
    number = to_python(text)
    if not number or not is_dialable(number):
        return None
    # The library stores a number it cannot check as it was typed, so set that to E.164.
    number.raw_input = number.as_e164
    return number


def is_dialable(number: PhoneNumber) -> bool:
    """Return whether the number is valid, or has the form of one whose area code the library does not know."""
    if number.is_valid():
        return True
    shape = _SHAPE.fullmatch(str(number.national_number))
    return number.country_code == NORTH_AMERICA and bool(shape) and phonenumbers.is_possible_number(number)


def validate_dialable(value: PhoneNumber) -> None:
    """Accept a number that can be dialed, for models; raises ValidationError otherwise."""
    if isinstance(value, PhoneNumber) and value.extension:
        raise ValidationError(NO_EXTENSION.format(value.extension), code="extension")
    if isinstance(value, PhoneNumber) and not is_dialable(value):
        raise ValidationError("This is not a phone number that can be called.", code="invalid")


def warning_about(number: PhoneNumber | None) -> str:
    """Return a warning for the person who typed the number; empty when the library knows it."""
    return "" if not number or number.is_valid() else UNLISTED.format(number.as_national)

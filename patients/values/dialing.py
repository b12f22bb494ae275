"""Phone numbers as people have them: also with an area code newer than the library that knows all of them."""

import re

import phonenumbers
from django.core.exceptions import ValidationError
from phonenumber_field.phonenumber import PhoneNumber, to_python

EXTENSION = re.compile(r"(?:;ext=|ext\.?|extension|x|#)\s*[:.]?\s*(\d{1,9})\s*$", re.IGNORECASE)
NO_EXTENSION = (
    "Leave out the extension ({}): a text or a call from here cannot dial it. Enter a number that rings directly."
)
UNLISTED = "We do not know the area code of {}: newer ones are not in our list. Read the number back once more."
# The shape of every number in North America, whatever its area code.
_SHAPE = re.compile(r"[2-9]\d\d[2-9]\d{6}")
NORTH_AMERICA = 1


def refuse_extension(text: str) -> None:
    """Raises ValidationError, which says so in words; kept without a word it would be lost."""
    found = EXTENSION.search(text)
    if found:
        raise ValidationError(NO_EXTENSION.format(found[1]), code="extension")


def read_number(text: str) -> PhoneNumber | None:
    """The number of a text when it can be dialed; None when it cannot."""
    number = to_python(text)
    if not number or not is_dialable(number):
        return None
    # What cannot be checked is kept as it was typed: so let that be E.164.
    number.raw_input = number.as_e164
    return number


def is_dialable(number: PhoneNumber) -> bool:
    """Valid, or of the length and shape of one whose area code the library has not heard of."""
    if number.is_valid():
        return True
    shape = _SHAPE.fullmatch(str(number.national_number))
    return number.country_code == NORTH_AMERICA and bool(shape) and phonenumbers.is_possible_number(number)


def validate_dialable(value: PhoneNumber) -> None:
    """For the model: raises ValidationError."""
    if isinstance(value, PhoneNumber) and value.extension:
        raise ValidationError(NO_EXTENSION.format(value.extension), code="extension")
    if isinstance(value, PhoneNumber) and not is_dialable(value):
        raise ValidationError("This is not a phone number that can be called.", code="invalid")


def warning_about(number: PhoneNumber | None) -> str:
    """What to tell whoever typed it; empty when the library knows the number."""
    return "" if not number or number.is_valid() else UNLISTED.format(number.as_national)

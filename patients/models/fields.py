"""Fields, validators and constraints that the models share, made from patients.values.bounds."""

from datetime import date
from functools import reduce
from operator import and_
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from phonenumber_field.modelfields import PhoneNumberField
from phonenumber_field.validators import validate_international_phonenumber

from patients.values.bounds import BIRTH, CARE, ZONE_SHAPE, Numbers, Years, end_moment, first_moment, zones
from patients.values.dialing import validate_dialable


def number_field(**options: Any) -> Any:
    """Return a field for a number that can be dialed, also with an area code newer than the library's list."""
    field = PhoneNumberField(**options)
    others = [check for check in field.validators if check is not validate_international_phonenumber]
    field.validators = [validate_dialable, *others]
    return field


def validate_timezone(name: str) -> None:
    """Accept the name of a place, such as America/Chicago; raises ValidationError otherwise."""
    if name not in zones():
        raise ValidationError(f"“{name}” is not a time zone of a place. Pick one such as America/Chicago.")


def validate_care_year(value: date) -> None:
    """Accept dates and times in the years of care; raises ValidationError otherwise."""
    _check_year(value, CARE)


def validate_birth_year(value: date) -> None:
    """Accept birth dates in possible years; raises ValidationError otherwise."""
    _check_year(value, BIRTH)


def _check_year(value: date, years: Years) -> None:
    if not years.hold(value):
        text = f"Check the year: {value.year} cannot be right. Write a year from {years.first} to {years.last}."
        raise ValidationError(text, code="year")


def within(numbers: Numbers) -> list[MinValueValidator | MaxValueValidator]:
    """Return the validators for a number's bounds."""
    return [MinValueValidator(numbers.lowest), MaxValueValidator(numbers.highest)]


def moments(name: str, *fields: str, years: Years = CARE) -> models.CheckConstraint:
    """Return a constraint: these times, where set, lie in these years."""
    first, end = first_moment(years), end_moment(years)
    return _all(name, [Q(**{f"{field}__gte": first, f"{field}__lt": end}) for field in fields])


def days(name: str, *fields: str, years: Years = CARE) -> models.CheckConstraint:
    """Return a constraint: these dates, where set, lie in these years."""
    first, last = date(years.first, 1, 1), date(years.last, 12, 31)
    return _all(name, [Q(**{f"{field}__gte": first, f"{field}__lte": last}) for field in fields])


def numbers(name: str, **fields: Numbers) -> models.CheckConstraint:
    """Return a constraint: these numbers, where set, lie in their bounds."""
    bounds = fields.items()
    return _all(name, [Q(**{f"{field}__gte": by.lowest, f"{field}__lte": by.highest}) for field, by in bounds])


def places(name: str, field: str = "timezone") -> models.CheckConstraint:
    """Return a constraint: the time zone has the form of a geographic name."""
    return models.CheckConstraint(condition=Q(**{f"{field}__regex": ZONE_SHAPE}), name=name)


def _all(name: str, conditions: list[Q]) -> models.CheckConstraint:
    """Return a constraint of all conditions; an empty field breaks none, since NULL is neither true nor false."""
    return models.CheckConstraint(condition=reduce(and_, conditions), name=name)

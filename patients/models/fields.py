"""Small pieces the models share."""

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError


def validate_timezone(name: str) -> None:
    """An IANA zone name, such as America/Chicago; raises ValidationError otherwise."""
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is not a time zone we know. Pick one such as America/Chicago.")

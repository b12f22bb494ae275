"""Form fields that several pages share."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import BaseTemporalField
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from patients.models.fields import validate_birth_year, validate_care_year
from patients.models.procedure import BASELINE_SYMPTOMS, LEVELS
from patients.values.bounds import CARE
from patients.values.dialing import read_number, refuse_extension, validate_dialable
from patients.values.wall_clock import from_wall

# The format in which a browser sends a date with a time.
LOCAL_FORMAT = "%Y-%m-%dT%H:%M"
YES_NO = [("unknown", "Not known"), ("true", "Yes"), ("false", "No")]
MEDS_MOST = 20
LETTERS_MOST = 40
NO_LETTERS = _("Enter a phone number in digits, without letters, such as (312) 555-0142.")


class ZonedDateTimeField(forms.DateTimeField):
    """A local date and time in the zone that the form sets; its value is an aware datetime.

    When the clocks change, a time that does not exist moves on by the gap, and a repeated one means the first.
    """

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL_FORMAT)
    zone = ZoneInfo("UTC")

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        wall = value if isinstance(value, datetime) else self._read(str(value)[:LETTERS_MOST].strip())
        # Extreme years cannot be converted between all zones.
        if not CARE.hold(wall) and "year" in self.error_messages:
            raise ValidationError(self.error_messages["year"], code="year")
        validate_care_year(wall)
        return wall if timezone.is_aware(wall) else from_wall(wall, self.zone)

    def _read(self, typed: str) -> datetime:
        """Read a time as a browser sends it, or in one of the field's own formats."""
        try:
            found = parse_datetime(typed)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        wall = found or BaseTemporalField.to_python(self, typed)
        assert isinstance(wall, datetime)
        return wall

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime) and timezone.is_aware(value):
            return value.astimezone(self.zone).replace(tzinfo=None)
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare what the browser shows: seconds, which it does not show, do not count as a change."""
        try:
            was, typed = self.prepare_value(initial), self.prepare_value(self.to_python(data or None))
        except ValidationError:
            return True
        return bool(self.widget.format_value(was) != self.widget.format_value(typed))


class ForMany(forms.BaseModelForm):
    """A form for one person that can also check the rows of a file, thousands of them."""

    # The database checks its constraints when a row is saved; to ask beforehand takes a statement for each.
    asks_database = True

    def validate_constraints(self) -> None:
        """Check the constraints of the model, unless they are left to the database."""
        if self.asks_database:
            super().validate_constraints()


class DayField(forms.DateField):
    """A local date, entered with the browser's calendar, in the years of care."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_validators = [validate_care_year]


class BirthDateField(DayField):
    """A birth date, entered with the browser's calendar."""

    default_validators = [validate_birth_year]


class YesNoField(forms.NullBooleanField):
    """Yes, no, or not known yet."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.NullBooleanSelect, **kwargs)
        self.widget.choices = YES_NO


class LevelsField(forms.MultipleChoiceField):
    """Vertebrae T1 to L5, in order."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[(level, level) for level in LEVELS], required=False, **kwargs)


class BaselineField(forms.MultipleChoiceField):
    """Problems the patient already had before the procedure."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=BASELINE_SYMPTOMS, required=False, **kwargs)


class MedsField(forms.CharField):
    """Medicines on hold, one on each line: a name, or a name, a comma and the date to start again."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=2000, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(", ".join(filter(None, (item["name"], item.get("restart_on")))) for item in value)

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > MEDS_MOST:
            raise ValidationError(f"At most {MEDS_MOST} lines.")
        return [_medicine(line) for line in lines]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((self.prepare_value(initial or []) or "") != (data or "").replace("\r\n", "\n").strip())


class OwnWordsField(forms.CharField):
    """The clinic's own words for one patient, shown to them unchanged."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=2000, **kwargs)

    def to_python(self, value: Any) -> str:
        # A browser sends each line end as CR and LF, which must not make an untouched text look changed.
        return str(super().to_python(value) or "").replace("\r\n", "\n")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))


def _medicine(line: str) -> dict[str, str | None]:
    name, _, day = (part.strip() for part in line.rpartition(",")) if "," in line else (line, "", "")
    if not day:
        return {"name": line[:120], "restart_on": None}
    try:
        restart_on = date.fromisoformat(day)
    except ValueError:
        raise ValidationError(f"“{line}”: write the date as 2026-12-31, or leave it out.") from None
    validate_care_year(restart_on)
    return {"name": name[:120], "restart_on": restart_on.isoformat()}


class PhoneField(PhoneNumberField):
    """A phone number in digits. A letter is refused as a typing error, not read as the digit on its key."""

    default_validators = [validate_dialable]  # noqa: RUF012 (as the library has it)

    def to_python(self, value: Any) -> Any:
        text = str(value or "")
        refuse_extension(text)
        if any(sign.isalpha() for sign in text):
            raise ValidationError(NO_LETTERS, code="letters")
        number = super().to_python(value)
        return (read_number(text) or number) if number else number


def phone_field(**kwargs: Any) -> PhoneField:
    """Return a field for a phone number, typed as in the US or with a + and country code."""
    return PhoneField(
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        error_messages={"invalid": _("Enter a phone number, such as (312) 555-0142.")},
        **kwargs,
    )

"""Forms for helpers: who they are, how they sign in, what they may do, until when."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from patients.forms.fields import DayField
from patients.models import Caregiver
from patients.selectors.addresses import Address, read_address

LATEST = timedelta(days=3 * 366)


class RightsForm(forms.Form):
    """What a helper may do, until when."""

    may_log = forms.BooleanField(required=False, initial=True, label=_("May fill in the log"))
    may_be_alerted = forms.BooleanField(
        required=False, label=_("Gets a note when a log is urgent, a visit is near or logs are missing")
    )
    until = DayField(
        required=False,
        label=_("Last day"),
        help_text=_("Leave it empty to let them help until you remove them."),
        error_messages={"invalid": _("Enter a date that exists.")},
    )

    def __init__(self, *args: Any, zone: str, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(zone)
        self.today = now.astimezone(self.zone).date()

    def clean_until(self) -> date | None:
        day: date | None = self.cleaned_data["until"]
        if day and not self.today <= day <= self.today + LATEST:
            raise ValidationError(_("Choose a day from today on, at most three years ahead."))
        return day

    def rights(self) -> dict[str, Any]:
        """Return may_log, may_be_alerted and expires_at: the end of the last day in the patient's zone."""
        day = self.cleaned_data["until"]
        ends = datetime.combine(day + timedelta(days=1), time(), self.zone) if day else None
        names = ("may_log", "may_be_alerted")
        return {**{name: self.cleaned_data[name] for name in names}, "expires_at": ends}

    @staticmethod
    def held_by(helper: Caregiver, zone: str) -> dict[str, Any]:
        """Return a helper's rights as this form's initial values."""
        ends = helper.expires_at
        return {
            "may_log": helper.may_log,
            "may_be_alerted": helper.may_be_alerted,
            "until": (ends - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date() if ends else None,
        }


class HelperForm(RightsForm):
    """A new helper. Name and relationship together fit the 60 letters of the column."""

    name = forms.CharField(
        max_length=36, label=_("Name"), error_messages={"required": _("Enter the helper’s name.")}
    )
    relationship = forms.CharField(
        max_length=22, required=False, label=_("Who they are"), help_text=_("Such as daughter.")
    )
    address = forms.CharField(
        max_length=254,
        label=_("Their phone number or e-mail"),
        help_text=_("They sign in with a code sent there."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": _("Enter the helper’s phone number or e-mail.")},
    )
    field_order = ["name", "relationship", "address", "may_log", "may_be_alerted", "until"]

    def clean_address(self) -> Address:
        return read_address(self.cleaned_data["address"])

    def person(self) -> dict[str, Any]:
        """Return the arguments for add_helper."""
        return {**{name: self.cleaned_data[name] for name in ("name", "relationship", "address")}, **self.rights()}


class StaffHelperForm(HelperForm):
    """The form for staff, who need the patient's agreement to add a helper."""

    agreed = forms.BooleanField(
        label="The patient agreed that this person may see their recovery",
        error_messages={"required": "Ask the patient first, then tick this."},
    )

"""The clinic's opt-in to short logs for one patient, with the hours at which the patient is asked for a log."""

from functools import cached_property
from typing import Any

from django import forms

from patients.forms.log_hours import LogHoursForm
from patients.models import Patient
from patients.selectors.reach import calls_work, sms_works

WAYS = [
    ("", "In the app"),
    (Patient.ShortLogs.SMS.value, "By text: 1, 2 or 3"),
    (Patient.ShortLogs.CALL.value, "By automatic call"),
]
NO_PHONE = "Write a phone number above first: without one nobody can be asked that way."
NO_CALLS = "Automatic calls are not set up here. Choose another way, or ask whoever runs this installation."
NO_TEXTS = "Text messages are not set up here. Choose another way, or ask whoever runs this installation."


class ShortLogForm(LogHoursForm):
    """How this patient is asked, and when. Saved with the record, by the same rules."""

    short_logs = forms.ChoiceField(
        choices=WAYS,
        required=False,
        label="How the patient logs",
        help_text="Texts and calls ask: fine, worse, or help now. The answer is a log, judged like any other."
        " Ask the patient first. Messages can be stopped at any time.",
    )

    def __init__(self, data: Any = None, *, patient: Patient, phone: str) -> None:
        """phone: as typed in the same page's form."""
        super().__init__(data, hours=patient.log_hours, initial={"short_logs": patient.short_logs})
        self.patient, self.phone = patient, phone

    def clean_short_logs(self) -> str:
        """Refuse a way that cannot work, unless it was chosen before."""
        way: str = self.cleaned_data["short_logs"]
        if way and not self.phone.strip():
            raise forms.ValidationError(NO_PHONE)
        if way == Patient.ShortLogs.CALL != self.patient.short_logs and not calls_work():
            raise forms.ValidationError(NO_CALLS)
        if way == Patient.ShortLogs.SMS != self.patient.short_logs and not sms_works():
            raise forms.ValidationError(NO_TEXTS)
        return way

    @cached_property
    def changed_data(self) -> list[str]:
        """Return the changed fields of the record."""
        now = self.cleaned_data if self.is_valid() else {}
        return [name for name in now if now[name] != getattr(self.patient, name)]

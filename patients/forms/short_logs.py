"""The clinic's opt-in to short logs for one patient, and the hours at which the patient is asked for a log."""

from functools import cached_property
from typing import Any

from django import forms

from patients.models import Patient
from patients.selectors.reach import calls_work, sms_works
from patients.values.note_ways import NOTE_HOURS

HOURS = [(str(hour), f"{hour % 12 or 12} {'am' if hour < 12 else 'pm'}") for hour in NOTE_HOURS]
IN_THE_APP = "In the app: a note asks them to open it"
NO_PHONE = "Write a phone number above first: without one nobody can be asked that way."
NO_CALLS = "Automatic calls are not set up here. Choose another way, or ask whoever runs this installation."
NO_TEXTS = "Text messages are not set up here. Choose another way, or ask whoever runs this installation."
ONE_AFTER_THE_OTHER = "Choose a later hour than the first, or no second time."


class ShortLogForm(forms.Form):
    """How this patient is asked, and when. Saved with the record, by the same rules."""

    short_logs = forms.ChoiceField(
        choices=[("", IN_THE_APP), *Patient.ShortLogs.choices],
        required=False,
        label="How the patient logs",
        help_text="Texts and calls ask: fine, worse, or help now. The answer is a log, judged like any other."
        " Ask the patient first. Messages can be stopped at any time.",
    )
    ask_at = forms.ChoiceField(
        choices=[("", "10 am, as the plan says"), *HOURS], required=False, label="Ask at, by the patient’s clocks"
    )
    ask_again_at = forms.ChoiceField(
        choices=[("", "6 pm, as the plan says"), *HOURS, ("0", "Do not ask again")],
        required=False,
        label="Ask again at, if there is no log",
    )

    def __init__(self, data: Any = None, *, patient: Patient, phone: str) -> None:
        """phone: as typed in the same page's form."""
        hours = patient.log_hours
        again = (str(hours[1]) if len(hours) > 1 else "0") if hours else ""
        known = {"short_logs": patient.short_logs, "ask_at": str(hours[0]) if hours else "", "ask_again_at": again}
        super().__init__(data, initial=known)
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

    def clean(self) -> dict[str, Any]:
        """Turn both hours into log_hours, which is empty where the plan's own times count."""
        data = super().clean() or {}
        first, again = data.get("ask_at", ""), data.get("ask_again_at", "")
        if not first and not again:
            hours = []
        elif again == "0":
            hours = [int(first or 10)]
        else:
            hours = [int(first or 10), int(again or 18)]
        if len(hours) > 1 and hours[0] >= hours[1]:
            self.add_error("ask_again_at", ONE_AFTER_THE_OTHER)
        return {"short_logs": data.get("short_logs", ""), "log_hours": hours}

    @cached_property
    def changed_data(self) -> list[str]:
        """Return the changed fields of the record."""
        now = self.cleaned_data if self.is_valid() else {}
        return [name for name in now if now[name] != getattr(self.patient, name)]

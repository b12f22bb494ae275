"""The form for a patient's name, birth date and addresses, to enroll them and to correct the record."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from patients.forms.fields import BirthDateField, ForMany, phone_field
from patients.models import Patient

OLDEST_YEARS = 125
NEITHER = "Enter a phone number or an e-mail. The patient needs one of them to sign in."
NOT_BORN = "This is not before the procedure. Check both dates."


class PersonForm(ForMany, forms.ModelForm):
    """Name, birth date, how to reach them, record number."""

    first_name = forms.CharField(max_length=80, label="First name")
    last_name = forms.CharField(
        max_length=80,
        required=False,
        label="Last name",
        help_text="Somebody with one name only: write it as the first, and leave this empty.",
    )
    birth_date = BirthDateField(label="Birth date", error_messages={"invalid": "Enter the birth date."})
    phone = phone_field(label="Mobile phone", help_text="For sign-in codes and reminders.")
    email = forms.EmailField(required=False, max_length=254, label="E-mail")
    mrn = forms.CharField(required=False, max_length=40, label="Record number")

    class Meta:
        model = Patient
        fields = ["first_name", "last_name", "birth_date", "phone", "email", "mrn"]

    def clean_mrn(self) -> str | None:
        return self.cleaned_data["mrn"] or None

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean_birth_date(self) -> Any:
        born, today = self.cleaned_data["birth_date"], timezone.now().date()
        if born == today:
            raise ValidationError("This is today’s date. Enter the birth date.")
        if not today.year - OLDEST_YEARS <= born.year or born > today:
            raise ValidationError("Check the year: this birth date cannot be right.")
        return born

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not {"phone", "email"} & set(self.errors) and not data.get("phone") and not data.get("email"):
            self.add_error("phone", NEITHER)
        return data

    def validate_unique(self) -> None:
        """Do nothing: the service checks duplicates, and says whose the value is and what to do."""

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag, helper.disable_csrf = False, True
        helper.template = "patients/_fields.html"
        helper.layout = Layout(
            Div("first_name", "last_name", "birth_date", "phone", "email", "mrn", css_class="two")
        )
        return helper

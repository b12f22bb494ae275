"""Somebody new on the staff."""

from django import forms

from patients.models import Staff


class StaffForm(forms.Form):
    """Name, work e-mail, role."""

    first_name = forms.CharField(max_length=80, label="First name")
    last_name = forms.CharField(max_length=80, label="Last name")
    email = forms.EmailField(
        max_length=254, label="Work e-mail", help_text="The link to choose a password goes there."
    )
    role = forms.ChoiceField(choices=Staff.Role.choices, label="Role")

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class RoleForm(forms.Form):
    """A new role, or no access any more."""

    role = forms.ChoiceField(choices=Staff.Role.choices)
    active = forms.TypedChoiceField(choices=[("1", "on"), ("0", "off")], coerce=lambda text: text == "1")

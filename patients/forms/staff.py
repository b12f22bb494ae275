"""The forms to add a colleague and to change one."""

from collections.abc import Iterable

from django import forms

from patients.models import Staff
from patients.scoping import rows_of


class StaffForm(forms.Form):
    """A new colleague: name, work e-mail, role."""

    first_name = forms.CharField(
        max_length=80, label="First name", error_messages={"required": "Enter the first name."}
    )
    last_name = forms.CharField(max_length=80, required=False, label="Last name")
    email = forms.EmailField(
        max_length=254,
        label="Work e-mail",
        help_text="The link to choose a password goes there.",
        error_messages={"required": "Enter the work e-mail."},
    )
    role = forms.ChoiceField(
        choices=[("", "Choose"), *Staff.Role.choices],
        label="Role",
        error_messages={"required": "Choose a role."},
    )

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class ChangeForm(forms.Form):
    """One button in a colleague's row, such as a new link or access given again."""

    action = forms.ChoiceField()
    person = forms.ModelChoiceField(queryset=Staff.objects.none())
    role = forms.ChoiceField(choices=Staff.Role.choices, required=False)

    def __init__(self, data: object, *, me: Staff, actions: Iterable[str]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        action = self.fields["action"]
        assert isinstance(action, forms.ChoiceField)
        action.choices = [(name, name) for name in actions]
        colleagues = self.fields["person"]
        assert isinstance(colleagues, forms.ModelChoiceField)
        colleagues.queryset = rows_of(Staff, clinic=me.clinic_id).select_related("user")

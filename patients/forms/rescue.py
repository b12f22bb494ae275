"""The two forms of a way back: whom it is for, and how each colleague checked who they are."""

from django import forms

from patients.models import FactorRescue, Staff
from patients.scoping import rows_of

SURE = {"required": "Say how you made sure that it is them."}


class AskForm(forms.Form):
    """The form of the manager who asks."""

    person = forms.ModelChoiceField(
        queryset=Staff.objects.none(),
        label="Who lost their second factor?",
        empty_label="Choose",
        error_messages={"required": "Choose a person.", "invalid_choice": "Choose somebody of the list."},
    )
    sure = forms.ChoiceField(
        choices=FactorRescue.Sure.choices,
        widget=forms.RadioSelect,
        label="How did you make sure that it is them?",
        error_messages=SURE,
    )

    def __init__(self, data: object, *, me: Staff) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        people = self.fields["person"]
        assert isinstance(people, forms.ModelChoiceField)
        others = rows_of(Staff, clinic=me.clinic_id).filter(active=True).exclude(pk=me.pk)
        people.queryset = others.select_related("user").order_by("user__last_name", "user__first_name", "pk")


class SecondForm(forms.Form):
    """The form of the colleague who confirms; number: the id of the waiting request."""

    number = forms.IntegerField(min_value=1, max_value=2**62)
    sure = forms.ChoiceField(choices=FactorRescue.Sure.choices, error_messages=SURE)

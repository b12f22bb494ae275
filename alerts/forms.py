"""Forms of the pages for escalation, contacts and webhooks. alerts.policy.plan_bounds has the bounds of a plan."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from alerts.messaging.channels.safe_http import LONGEST_URL
from alerts.models import EscalationStep
from alerts.oncall.roster import works
from alerts.policy.plan import CALL, CHANNEL_WORDS, NO_PERSON, PUSH, URGENT_CHANNELS, Plan, Step
from alerts.policy.plan_bounds import BOUNDS, MOST_STEPS, problems, range_words
from patients.forms.fields import phone_field
from patients.models import Staff

PERSON = "person"
# Ways that plans of older clinics do not use yet; one press adds one of them to every step.
NEWER = (PUSH, CALL)
LONGEST_WAIT = 60


def minutes_field(label: str, bounds: tuple[int, int], then: str) -> forms.IntegerField:
    """A field for whole minutes. Its help and its errors state the bounds, which are both allowed."""
    low, high = bounds
    allowed = f"Allowed are {range_words(bounds)}."
    return forms.IntegerField(
        min_value=low,
        max_value=high,
        label=label,
        help_text=f"{low} to {high}. {then}",
        error_messages={
            "required": f"Write how many minutes. {allowed}",
            "invalid": f"Write a whole number of minutes. {allowed}",
            "min_value": f"That is too short. {allowed}",
            "max_value": f"That is too long. {allowed}",
        },
    )


CHANNEL_CHOICES = [(name, words[0].upper() + words[1:]) for name, words in CHANNEL_WORDS.items()]


class PolicyForm(forms.Form):
    """How often the last step repeats, how long an acknowledgement lasts, and why the plan changes."""

    reason = forms.CharField(
        max_length=300,
        label="Why",
        help_text="It stays on record with your name.",
        error_messages={"required": "Say why: every change names who, when and why."},
    )
    field_order = ("repeat_minutes", "ack_minutes", "reason")

    def __init__(self, *args: Any, tier: str, saves: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.saves, bounds = saves, BOUNDS[tier]
        self.fields["repeat_minutes"] = minutes_field(
            "Repeat the last step every … minutes", bounds.repeat, "It repeats until somebody answers."
        )
        self.fields["ack_minutes"] = minutes_field(
            "The person who takes an alert has … minutes",
            bounds.ack,
            "Without a contact or an outcome by then, everyone is asked again.",
        )
        self.order_fields(self.field_order)

    def full_clean(self) -> None:
        """Require a reason only to save a plan, not to preview it."""
        reason = self.fields["reason"]
        reason.required = self.saves
        super().full_clean()
        reason.required = True


class StepForm(forms.Form):
    """One step of a plan. The first step starts at once, even if its wait says otherwise."""

    wait_minutes = minutes_field("Minutes after the step before", (0, LONGEST_WAIT), "")
    who = forms.ChoiceField(label="Tell", error_messages={"required": "Choose whom to tell, or remove this step."})
    channels = forms.MultipleChoiceField(
        choices=CHANNEL_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        label="By",
        error_messages={"required": "Choose at least one way to tell them."},
    )

    def __init__(self, *args: Any, staff: list[Staff], tier: str, ways: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channels = self.fields["channels"]
        assert isinstance(channels, forms.MultipleChoiceField)
        channels.choices = [choice for choice in CHANNEL_CHOICES if choice[0] in ways]
        here = [person for person in staff if works(person)]
        self.names = {f"{PERSON}:{person.pk}": person.name for person in here}
        self.gone = {f"{PERSON}:{person.pk}": person.name for person in staff if not works(person)}
        roles = [choice for choice in EscalationStep.Audience.choices if choice[0] != PERSON]
        who = self.fields["who"]
        assert isinstance(who, forms.ChoiceField)
        people = [*self.names.items(), *self._chosen_but_gone()]
        who.choices = [("", "Choose"), *roles, ("A person", people)]
        self.fields["wait_minutes"].help_text = range_words(BOUNDS[tier].wait)

    def _chosen_but_gone(self) -> list[tuple[str, str]]:
        """The choice of a colleague who has left, so that the page shows which step needs another person."""
        chosen = self["who"].value()
        return [(chosen, f"{self.gone[chosen]} (no longer works here)")] if chosen in self.gone else []

    def clean_who(self) -> str:
        """Refuse a colleague who has left."""
        who: str = self.cleaned_data["who"]
        if who in self.gone:
            raise forms.ValidationError(
                f"{self.gone[who]} no longer works here, so this step would reach nobody. Choose somebody else."
            )
        return who

    def clean_channels(self) -> list[str]:
        """Refuse a step that tells only the clinic's own systems and no person."""
        channels: list[str] = self.cleaned_data["channels"]
        if channels == [NO_PERSON]:
            raise forms.ValidationError("Your own systems are told beside people. Add another way.")
        return channels

    def is_filled(self) -> bool:
        """Is this row filled? Only an empty row at the end is not."""
        return not self.empty_permitted or self.has_changed()

    def as_step(self, first: bool) -> Step:
        """The step that a valid form describes. first: its wait is 0."""
        data = self.cleaned_data
        audience, _, staff_id = data["who"].partition(":")
        return Step(
            0 if first else data["wait_minutes"],
            audience,
            int(staff_id) if staff_id else None,
            tuple(data["channels"]),
            self.names.get(data["who"], ""),
        )


class StepFormSet(forms.BaseFormSet):
    """The steps of one plan, in order."""

    def clean(self) -> None:
        """Refuse a plan without steps."""
        if not any(self.errors) and not self.kept():
            raise forms.ValidationError("A plan needs at least one step.")

    def kept(self) -> list[StepForm]:
        """The filled rows."""
        return [form for form in self.forms if form.is_filled()]


StepRows = forms.formset_factory(StepForm, formset=StepFormSet, extra=0, max_num=MOST_STEPS, validate_max=True)


def rearranged(data: QueryDict, prefix: str, do: str) -> list[dict[str, Any]]:
    """The typed rows after a press of a button: up:2, down:0, remove:1, add, push or call. It checks nothing.

    When two rows change places, their waits stay where they were, so the first step still starts at once.
    """
    total = data.get(f"{prefix}-TOTAL_FORMS", "")
    count = min(int(total), MOST_STEPS + 1) if total.isdecimal() and len(total) < 4 else 0
    rows = [_typed_row(data, f"{prefix}-{number}") for number in range(count)]
    what, _, number_words = do.partition(":")
    number = int(number_words) if number_words.isdecimal() and len(number_words) < 4 else -1
    if what == "add" and len(rows) < MOST_STEPS:
        rows.append({"wait_minutes": 5, "who": "", "channels": list(URGENT_CHANNELS)})
    if what in NEWER:
        rows = [{**row, "channels": list(dict.fromkeys([*row["channels"], what]))} for row in rows]
    if what == "remove" and 0 <= number < len(rows):
        del rows[number]
    other = number + {"up": -1, "down": 1}.get(what, len(rows))
    if 0 <= number < len(rows) and 0 <= other < len(rows) and what in ("up", "down"):
        for name in ("who", "channels"):
            rows[number][name], rows[other][name] = rows[other][name], rows[number][name]
    return rows


def _typed_row(data: QueryDict, prefix: str) -> dict[str, Any]:
    single: Mapping[str, Any] = {name: data.get(f"{prefix}-{name}", "") for name in ("wait_minutes", "who")}
    return {**single, "channels": data.getlist(f"{prefix}-channels")}


def step_initial(plan: Plan) -> list[dict[str, Any]]:
    """The initial values of the rows for a plan."""
    return [
        {
            "wait_minutes": step.wait_minutes,
            "who": f"{PERSON}:{step.staff_id}" if step.audience == PERSON else step.audience,
            "channels": list(step.channels),
        }
        for step in plan.steps
    ]


def plan_from(form: PolicyForm, rows: Any, tier: str) -> Plan | None:
    """The plan of a valid form and its valid rows. None when it breaks the bounds; the rows then show why."""
    steps = tuple(row.as_step(first=number == 0) for number, row in enumerate(rows.kept()))
    plan = Plan(steps, form.cleaned_data["repeat_minutes"], form.cleaned_data["ack_minutes"])
    found = problems(plan, tier)
    if found:
        rows._non_form_errors.extend(found)
    return None if found else plan


class EndpointForm(forms.Form):
    """A webhook to add. alerts.messaging.endpoints checks whether its address may be used."""

    description = forms.CharField(
        max_length=80,
        label="What it is",
        help_text="Such as: pager gateway",
        error_messages={"required": "Say what it is, such as: pager gateway."},
    )
    url = forms.CharField(
        max_length=LONGEST_URL,
        label="Address",
        help_text="It begins with https://",
        widget=forms.URLInput(attrs={"spellcheck": "false"}),
        error_messages={"required": "Enter the address of your system, such as https://alerts.example.org/kypho"},
    )


class MobileForm(forms.Form):
    """A mobile number to add as a contact method."""

    number = phone_field(label="Mobile number", help_text="Texts never say what is wrong, or with whom.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number = self.fields["number"]
        number.required = True
        number.error_messages["required"] = "Enter a mobile number, such as (312) 555-0142."


class PhoneForm(MobileForm):
    """A mobile or landline to add for calls."""

    number = phone_field(label="Phone number", help_text="A call never says what is wrong, or with whom.")


class VerifyForm(forms.Form):
    """The six digits that prove a contact method."""

    code = forms.CharField(
        label="The 6-digit code",
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code-box"}
        ),
        error_messages={"required": "Enter the 6 digits from the message."},
    )

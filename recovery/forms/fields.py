"""Turn each question of the rule book into a form field with its accepted input and error messages."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from patients.values.typed_text import clean
from recovery.forms.show_when import Asked, is_tick, show_when, worrying
from recovery.forms.typed import LONGEST_NUMBER, read_number, read_temperature
from recovery.wording.clinical_words import said

TYPED = {"class": "typed", "placeholder": " ", "autocomplete": "off"}
# The unit that may follow the number of a question, as a key of typed.NUMBER_UNITS.
UNIT_OF = {
    "walk_minutes": "min",
    "ice_sessions": "time",
    "ice_longest_min": "min",
    "apap_total_mg": "mg",
    "opioid_hours_since": "h",
}
# Longer texts, from a page without script, lose their end.
LONGEST_TEXT = 20_000
ROOM = _("Up to {} letters. We also look at what is longer.")
SHORT_LABEL, SHORT_CHIP = 12, 22


class NumberField(forms.CharField):
    """A typed number with or without a unit. Outside `limits` the error says how to correct it."""

    def __init__(self, *, whole: bool, limits: tuple[float, float] | None, unit: str = "", **kwargs: Any) -> None:
        self.whole, self.limits, self.unit = whole, limits, unit
        mode = "numeric" if whole else "decimal"
        kwargs["widget"] = forms.TextInput(attrs={**TYPED, "inputmode": mode, "maxlength": str(LONGEST_NUMBER)})
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        """Return the text without invisible characters."""
        return super().to_python(clean(value or ""))

    def clean(self, value: Any) -> Any:
        """Return a finite int or float, or None when empty."""
        text = super().clean(value)
        if not text:
            return None
        number = self.read(text)
        if number is None:
            words = _("Type only a whole number.") if self.whole else _("Type only a number, like 98.6.")
            raise ValidationError(words)
        if self.limits and not self.limits[0] <= number <= self.limits[1]:
            low, high = self.limits
            words = _("Type a number from {low} to {high}.")
            raise ValidationError(words.format(low=f"{low:g}", high=f"{high:g}"))
        return int(number) if self.whole else number

    def read(self, text: str) -> float | None:
        """Return the number in a text; None when it cannot be read."""
        return read_number(text, whole=self.whole, unit=self.unit)


class TemperatureField(NumberField):
    """Any temperature is accepted: the form asks once to check it, and the rules judge it (DF-04)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(whole=False, limits=None, **kwargs)

    def read(self, text: str) -> float | None:
        """Return the number in a text that may contain a unit; LogForm handles the unit."""
        return read_temperature(text)[0]


class NoteField(forms.CharField):
    """Free text, never refused; the rules also read the part past the bound (recovery.wording.left_over)."""

    def to_python(self, value: Any) -> Any:
        """Return the text with plain line ends and without invisible characters."""
        text = super().to_python(clean(value or "")) or ""
        return text[:LONGEST_TEXT].rstrip()


class SetField(forms.TypedMultipleChoiceField):
    """Several answers as tiles; each counts once."""

    def clean(self, value: Any) -> Any:
        """Return the chosen codes as a list."""
        return list(dict.fromkeys(super().clean(value)))


def form_field(question: Mapping[str, Any], asked: Asked) -> forms.Field:
    """Return the form field of a question for a person with these facts. Only the unit is preselected."""
    field = _make(question, asked)
    field.question = question  # type: ignore[attr-defined]
    field.worry = worrying(question)[0] if is_tick(question) else ""  # type: ignore[attr-defined]
    # Only questions that everyone sees are labelled optional; one that follows an answer has a reason.
    # On a phone all optional questions stand in one part that says so.
    field.unmarked = not asked.at_desk or field.required or not show_when(question).always  # type: ignore[attr-defined]
    # The patient says a sign in the first person; at the desk it is a question.
    words = question["question"] if asked.at_desk else question.get("sign", question["question"])
    field.says = said(words, asked.helped)  # type: ignore[attr-defined]
    field.short = _is_short(question)  # type: ignore[attr-defined]
    return field


def _is_short(question: Mapping[str, Any]) -> bool:
    """Return whether two of its answers fit side by side on a phone."""
    lengths = [len(value["label"]) for value in question.get("values", ())]
    return bool(lengths) and max(lengths) <= (SHORT_CHIP if question["type"] == "set" else SHORT_LABEL)


def _make(question: Mapping[str, Any], asked: Asked) -> forms.Field:
    words = said(question["question"], asked.helped)
    common: dict[str, Any] = {
        "label": words,
        "required": bool(question.get("required")),
        "error_messages": {
            "required": _("Please answer: {question}").format(question=words),
            "invalid_choice": _("Please pick one of these."),
        },
    }
    kind = question["type"]
    if kind == "enum":
        return forms.ChoiceField(
            choices=_choices(question, asked),
            widget=forms.RadioSelect,
            initial=_initial(question, asked),
            **common,
        )
    if kind == "set":
        common["error_messages"]["invalid_choice"] = _("Please pick from these.")
        return SetField(choices=_choices(question, asked), widget=forms.CheckboxSelectMultiple, **common)
    if kind == "integer" and question["range"] == [0, 10]:
        scale = [(str(n), str(n)) for n in range(11)]
        return forms.TypedChoiceField(
            choices=scale, coerce=int, empty_value=None, widget=forms.RadioSelect, **common
        )
    if kind in ("integer", "number"):
        code = question["code"]
        if code == "temp_value":
            return TemperatureField(**common)
        limits = tuple(question["range"])
        return NumberField(whole=kind == "integer", limits=limits, unit=UNIT_OF.get(code, ""), **common)
    attrs = {**TYPED, "rows": "3", "data-letters": question["maxlen"]}
    return NoteField(widget=forms.Textarea(attrs=attrs), help_text=ROOM.format(question["maxlen"]), **common)


def _choices(question: Mapping[str, Any], asked: Asked) -> list[tuple[str, str]]:
    choices = [(value["code"], said(value["label"], asked.helped)) for value in question["values"]]
    if question["code"] == "em_breath" and not asked.breath_usual:
        return [choice for choice in choices if choice[0] != "usual"]
    return choices


def _initial(question: Mapping[str, Any], asked: Asked) -> str | None:
    return asked.temp_unit if question["code"] == "temp_unit" else None

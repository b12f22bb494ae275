"""One question of the rule book as one form field: what it accepts, what it says when it does not."""

import math
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from recovery.forms.show_when import Asked, is_tick, show_when, worrying

TYPED = {"class": "typed", "placeholder": " ", "autocomplete": "off"}
# Long enough for any number a person types, short enough that parsing it costs nothing.
LONGEST_NUMBER = 24
SHORT_LABEL, SHORT_CHIP = 12, 22


class NumberField(forms.CharField):
    """A typed number: a comma or a point before the decimals. Out of `limits` it says how to put it right."""

    def __init__(self, *, whole: bool, limits: tuple[float, float] | None, **kwargs: Any) -> None:
        self.whole, self.limits = whole, limits
        mode = "numeric" if whole else "decimal"
        kwargs["widget"] = forms.TextInput(attrs={**TYPED, "inputmode": mode, "maxlength": str(LONGEST_NUMBER)})
        super().__init__(max_length=LONGEST_NUMBER, **kwargs)

    def clean(self, value: Any) -> Any:
        """A finite int or float, or None when left empty."""
        text = super().clean(value).strip().replace(",", ".")
        if not text:
            return None
        number = _number(text)
        if number is None or (self.whole and number != int(number)):
            raise ValidationError("Type only a whole number." if self.whole else "Type only a number, like 98.6.")
        if self.limits and not self.limits[0] <= number <= self.limits[1]:
            low, high = self.limits
            raise ValidationError(f"Type a number from {low:g} to {high:g}.")
        return int(number) if self.whole else number


def _number(text: str) -> float | None:
    """Plain decimal notation only: no 1e3, no infinity, no underscores."""
    digits = text.removeprefix("-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit()):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


class NoteField(forms.CharField):
    """Free text. A line end counts as one letter, as it does for the person who types it."""

    def to_python(self, value: Any) -> Any:
        """The text with plain line ends."""
        return (super().to_python(value) or "").replace("\r\n", "\n")


class SetField(forms.TypedMultipleChoiceField):
    """Several answers as tiles, each counted once."""

    def clean(self, value: Any) -> Any:
        """The chosen codes as a list."""
        return list(dict.fromkeys(super().clean(value)))


def form_field(question: Mapping[str, Any], asked: Asked) -> forms.Field:
    """The form field of a question for somebody with these facts. Nothing is chosen beforehand but the unit."""
    field = _make(question, asked)
    field.question = question  # type: ignore[attr-defined]
    field.worry = worrying(question)[0] if is_tick(question) else ""  # type: ignore[attr-defined]
    # Only what everybody sees may be called optional: a question that follows an answer is there for a reason.
    field.unmarked = field.required or not show_when(question).always  # type: ignore[attr-defined]
    field.short = _is_short(question)  # type: ignore[attr-defined]
    return field


def _is_short(question: Mapping[str, Any]) -> bool:
    """Do two of its answers fit side by side on a phone?"""
    lengths = [len(value["label"]) for value in question.get("values", ())]
    return bool(lengths) and max(lengths) <= (SHORT_CHIP if question["type"] == "set" else SHORT_LABEL)


def _make(question: Mapping[str, Any], asked: Asked) -> forms.Field:
    words = question["question"]
    common: dict[str, Any] = {
        "label": words,
        "required": bool(question.get("required")),
        "error_messages": {"required": f"Please answer: {words}", "invalid_choice": "Please pick one of these."},
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
        common["error_messages"]["invalid_choice"] = "Please pick from these."
        return SetField(choices=_choices(question, asked), widget=forms.CheckboxSelectMultiple, **common)
    if kind == "integer" and question["range"] == [0, 10]:
        scale = [(str(n), str(n)) for n in range(11)]
        return forms.TypedChoiceField(
            choices=scale, coerce=int, empty_value=None, widget=forms.RadioSelect, **common
        )
    if kind in ("integer", "number"):
        # Any temperature is taken: the form asks once to check it, the rules judge it (DF-04).
        limits = None if question["code"] == "temp_value" else tuple(question["range"])
        return NumberField(whole=kind == "integer", limits=limits, **common)
    longest = question["maxlen"]
    common["error_messages"]["max_length"] = f"Please make this shorter: at most {longest} letters."
    return NoteField(max_length=longest, widget=forms.Textarea(attrs={**TYPED, "rows": "3"}), **common)


def _choices(question: Mapping[str, Any], asked: Asked) -> list[tuple[str, str]]:
    choices = [(value["code"], value["label"]) for value in question["values"]]
    if question["code"] == "em_breath" and not asked.breath_usual:
        return [choice for choice in choices if choice[0] != "usual"]
    return choices


def _initial(question: Mapping[str, Any], asked: Asked) -> str | None:
    return asked.temp_unit if question["code"] == "temp_unit" else None

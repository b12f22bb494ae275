"""One question of the rule book as one form field: what it accepts, what it says when it does not."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from patients.values.typed_text import clean
from recovery.forms.show_when import Asked, is_tick, show_when, worrying
from recovery.forms.typed import LONGEST_NUMBER, read_number, read_temperature

TYPED = {"class": "typed", "placeholder": " ", "autocomplete": "off"}
# What may stand behind the number of a question, as a key of typed.NUMBER_UNITS.
UNIT_OF = {
    "walk_minutes": "min",
    "ice_sessions": "time",
    "ice_longest_min": "min",
    "apap_total_mg": "mg",
    "opioid_hours_since": "h",
}
# Of a text longer than this, from a page without a script, the end is not kept.
LONGEST_TEXT = 20_000
ROOM = "Up to {} letters. We also look at what is longer."
SHORT_LABEL, SHORT_CHIP = 12, 22


class NumberField(forms.CharField):
    """A typed number, its unit behind it or not. Out of `limits` it says how to put it right."""

    def __init__(self, *, whole: bool, limits: tuple[float, float] | None, unit: str = "", **kwargs: Any) -> None:
        self.whole, self.limits, self.unit = whole, limits, unit
        mode = "numeric" if whole else "decimal"
        kwargs["widget"] = forms.TextInput(attrs={**TYPED, "inputmode": mode, "maxlength": str(LONGEST_NUMBER)})
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        """The text without what nobody can see."""
        return super().to_python(clean(value or ""))

    def clean(self, value: Any) -> Any:
        """A finite int or float, or None when left empty."""
        text = super().clean(value)
        if not text:
            return None
        number = self.read(text)
        if number is None:
            raise ValidationError("Type only a whole number." if self.whole else "Type only a number, like 98.6.")
        if self.limits and not self.limits[0] <= number <= self.limits[1]:
            low, high = self.limits
            raise ValidationError(f"Type a number from {low:g} to {high:g}.")
        return int(number) if self.whole else number

    def read(self, text: str) -> float | None:
        """The number in a text; None when it can not be read."""
        return read_number(text, whole=self.whole, unit=self.unit)


class TemperatureField(NumberField):
    """Any temperature is taken: the form asks once to check it, the rules judge it (DF-04)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(whole=False, limits=None, **kwargs)

    def read(self, text: str) -> float | None:
        """The number in a text that may name its unit; LogForm asks for the unit."""
        return read_temperature(text)[0]


class NoteField(forms.CharField):
    """Free text, never refused: what is longer than its bound is heard too (LogForm.left_over)."""

    def to_python(self, value: Any) -> Any:
        """The text with plain line ends, without what nobody can see."""
        text = super().to_python(clean(value or "")) or ""
        return text[:LONGEST_TEXT].rstrip()


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
        code = question["code"]
        if code == "temp_value":
            return TemperatureField(**common)
        limits = tuple(question["range"])
        return NumberField(whole=kind == "integer", limits=limits, unit=UNIT_OF.get(code, ""), **common)
    attrs = {**TYPED, "rows": "3", "data-letters": question["maxlen"]}
    return NoteField(widget=forms.Textarea(attrs=attrs), help_text=ROOM.format(question["maxlen"]), **common)


def _choices(question: Mapping[str, Any], asked: Asked) -> list[tuple[str, str]]:
    choices = [(value["code"], value["label"]) for value in question["values"]]
    if question["code"] == "em_breath" and not asked.breath_usual:
        return [choice for choice in choices if choice[0] != "usual"]
    return choices


def _initial(question: Mapping[str, Any], asked: Asked) -> str | None:
    return asked.temp_unit if question["code"] == "temp_unit" else None

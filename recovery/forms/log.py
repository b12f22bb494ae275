"""The form of the log. It checks only shape and bounds; the rules judge what the answers mean."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.utils import render_crispy_form
from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext_lazy as _

from recovery.forms.block import APAP_ROWS
from recovery.forms.fields import NumberField, form_field
from recovery.forms.layout import helper
from recovery.forms.show_when import Asked, fields, is_asked, is_tick, show_when, worrying
from recovery.forms.typed import read_temperature
from recovery.triage.rulebook.files import read_content
from recovery.wording import left_over
from recovery.wording.clinical_words import said
from recovery.wording.languages.translations import NAME

GATES = ("em_gate", "nerve_gate", "site_gate")
# More than any question has answers.
MOST_READINGS = 12
PLAUSIBLE_TEMP = (20.0, 115.0)
CHECK_TEMP = gettext_noop("That number looks off. Please check it. If it is right, press Send again.")
TELL_MORE = gettext_noop("Please tell us more: {question}")
ONE_ANSWER = gettext_noop("This came with two answers. Please give one.")
TELL_STRENGTH = gettext_noop("Tell us both: the strength on the box and how many pills.")
# The two fields of one product: the strength of a pill, and how many were taken.
MILLIGRAMS, PILLS = (0, 5000), (0, 100)


class OwnIdField(forms.UUIDField):
    """An id made by the page. A malformed id counts as missing, because the patient cannot correct it."""

    def clean(self, value: Any) -> Any:
        """Return the UUID, or None."""
        try:
            return super().clean(value)
        except ValidationError:
            return None


class LogIds(forms.Form):
    """The hidden fields of a log: its id, the id of the log it supersedes, and whom it is about."""

    client_id = OwnIdField(required=False, widget=forms.HiddenInput)
    supersedes = OwnIdField(required=False, widget=forms.HiddenInput)
    about = forms.UUIDField(required=False, widget=forms.HiddenInput)
    temp_seen = forms.Field(required=False, widget=forms.HiddenInput)


class LogForm(LogIds):
    """All questions for this person. answers() returns what to store; partial ignores missing answers."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, asked: Asked, **kwargs: Any) -> None:
        self.asked = asked
        self.partial = bool(data and data.get("partial"))
        super().__init__(data, **kwargs)
        self.questions = [q for q in fields() if is_asked(q, asked) or q["code"] == "notes_confirm"]
        for question in self.questions:
            field = form_field(question, asked)
            if self.partial or question["code"] in GATES:
                field.required = False
            self.fields[question["code"]] = field
            field.opened = bool(data and data.get(f"open_{question['code']}"))  # type: ignore[attr-defined]
        self._add_tylenol_rows()
        self.twice = self._answered_twice()

    @cached_property
    def helper(self) -> FormHelper:
        """Return the layout of the form for crispy."""
        return helper(self)

    def _add_tylenol_rows(self) -> None:
        for product in APAP_ROWS:
            self.fields[f"apap_mg_{product}"] = NumberField(
                whole=True, limits=MILLIGRAMS, unit="mg", required=False, label=_("Strength on the box (mg)")
            )
            self.fields[f"apap_pills_{product}"] = NumberField(
                whole=False, limits=PILLS, unit="pill", required=False, label=_("Number of pills")
            )

    def _answered_twice(self) -> dict[str, list[str]]:
        """Return single-answer questions with several answers, which no browser sends; none may be lost."""
        if not isinstance(self.data, MultiValueDict):
            return {}
        codes = [question["code"] for question in self.questions if question["type"] != "set"]
        sent = {code: list(dict.fromkeys(self.data.getlist(code))) for code in codes}
        return {code: values for code, values in sent.items() if len(values) > 1}

    def readings(self) -> list[dict[str, Any]]:
        """Return the answers, then one more reading for each further answer of a question answered twice."""
        most = min(max(map(len, self.twice.values()), default=0), MOST_READINGS)
        return [self.answers(), *(self._reading(place) for place in range(most))]

    def _reading(self, place: int) -> dict[str, Any]:
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        for code, values in self.twice.items():
            data[code] = values[min(place, len(values) - 1)]
        form = LogForm(data, asked=self.asked)
        form.is_valid()
        return form.answers()

    def clean(self) -> dict[str, Any]:
        """Check what needs several fields: lists, sums, and a temperature that must be confirmed."""
        cleaned = super().clean() or {}
        for code in self.twice:
            self.add_error(code, _(ONE_ANSWER))
        self._open_items()
        self._gates(cleaned)
        self._tylenol(cleaned)
        self._temperature(cleaned)
        return cleaned

    def _open_items(self) -> None:
        """Ask again for an item that was tapped but not answered, so that it does not count as 'no'."""
        for question in self.questions:
            code = question["code"]
            if not self.data.get(f"open_{code}") or is_tick(question) or code in self.errors:
                continue
            if not self.cleaned_data.get(code) and not self.partial:
                self.add_error(code, _(TELL_MORE).format(question=said(question["question"], self.asked.helped)))

    def _gates(self, cleaned: dict[str, Any]) -> None:
        """Check the lists: a list is answered by its gate or by any of its items."""
        for gate in GATES:
            items = [q for q in self.questions if show_when(q).item_of == gate]
            tapped = any(self._is_set(q) for q in items)
            if not cleaned.get(gate) and tapped:
                cleaned[gate] = "some"
            if not cleaned.get(gate) and not self.partial and gate not in self.errors:
                self.add_error(gate, self.fields[gate].error_messages["required"])

    def _is_set(self, question: Mapping[str, Any]) -> bool:
        """Return whether this item is tapped: opened without an answer, or answered but not calm."""
        answer = self.cleaned_data.get(question["code"])
        if answer:
            return answer in worrying(question)
        return bool(self.data.get(f"open_{question['code']}"))

    def _tylenol(self, cleaned: dict[str, Any]) -> None:
        """Set the sum of strength times pills, unless the person gave the sum."""
        total = 0.0
        for product in APAP_ROWS:
            strength, pills = cleaned.get(f"apap_mg_{product}"), cleaned.get(f"apap_pills_{product}")
            if (strength is None) != (pills is None):
                self.add_error("apap_total_mg", _(TELL_STRENGTH))
            total += (strength or 0) * (pills or 0)
        if cleaned.get("apap_total_mg") is None and total and "apap_total_mg" not in self.errors:
            cleaned["apap_total_mg"] = round(total)

    def _temperature(self, cleaned: dict[str, Any]) -> None:
        """Set the unit; one in the text counts before the tapped one.

        A value outside the range of thermometers must be confirmed once and is then accepted.
        """
        value = cleaned.get("temp_value")
        if unit := read_temperature(str(self.data.get("temp_value") or ""))[1]:
            cleaned["temp_unit"] = unit
        if value is None or PLAUSIBLE_TEMP[0] <= value <= PLAUSIBLE_TEMP[1] or self.partial:
            return
        if read_temperature(str(cleaned.get("temp_seen") or ""))[0] != value:
            self.carry(temp_seen=str(value))
            self.add_error("temp_value", _(CHECK_TEMP))

    def carry(self, **values: str) -> None:
        """Set these hidden values for the page that is shown again."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        for name, value in values.items():
            data[name] = value
        self.data = data

    def say_nothing(self) -> None:
        """Show the answers without errors."""
        self._errors = ErrorDict()
        self.cleaned_data: dict[str, Any] = {}

    def answers(self) -> dict[str, Any]:
        """Return the answers by question code, ready to store, without empty values and page fields."""
        given: dict[str, Any] = {}
        for question in self.questions:
            value = self.cleaned_data.get(question["code"])
            if value not in (None, "", []):
                given[question["code"]] = value
        if "temp_value" not in given:
            given.pop("temp_unit", None)
        if "notes_confirm" in given and (shown := self._notes_asked()):
            given["notes_asked"] = shown
        if self.asked.by_helper:
            given["logged_by"] = "caregiver"
        return given

    def _notes_asked(self) -> list[str]:
        """Return the keys of the concepts that the page asked about; other values are left out."""
        sent = self.data.getlist("notes_asked") if isinstance(self.data, MultiValueDict) else []
        known = {row["key"] for row in read_content()["free_text"]["concepts"]}
        return [key for key in dict.fromkeys(sent) if key in known]

    def unread(self) -> dict[str, str]:
        """Return the input that could not be read, by question."""
        typed = {code: left_over.as_text(self.data.get(code)) for code in self.errors if code in self.fields}
        return {code: text for code, text in typed.items() if text}


def fresh(about: uuid.UUID, client_id: uuid.UUID | None = None) -> LogIds:
    """Return an empty log form with a new id, so that sending it twice stores it once."""
    return LogIds(initial={"client_id": client_id or uuid.uuid4(), "about": about})


def kept(about: uuid.UUID) -> LogIds:
    """Return the form of a log page that a phone keeps; the phone gives each log its id."""
    return LogIds(initial={"about": about})


def blank(asked: Asked) -> SafeString:
    """Return the empty questions as HTML, rendered once per process, language and set of facts, not per name."""
    drawn = _blank(replace(asked, helped=asked.helped and NAME), get_language())
    return SafeString(drawn.replace(NAME, escape(asked.helped)))


@lru_cache(maxsize=64)
def _blank(asked: Asked, language: str | None) -> SafeString:
    return SafeString(render_crispy_form(LogForm(asked=asked)))

"""What stands in a log that its advice rests on, as its reader says it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from recovery.forms.show_when import fields, show_when, worrying
from recovery.triage.rulebook import answer_label
from recovery.wording.clinical_words import said

# Beside the signs of the lists: these answers of other questions.
ALSO = {"fever_feel": ("yes",), "back_change": ("worse", "new_sudden"), "weak_stand": ("cannot",)}
MOST, LETTERS = 8, 200


def what_was_said(answers: Mapping[str, Any], helped: str) -> list[str]:
    """Return the signs, the note, pain, temperature and walk of a log, one line each.

    helped: the patient's first name when a helper reads, else "".
    """
    return [*_signs(answers, helped), *_note(answers), *_numbers(answers, helped)][:MOST]


def _signs(answers: Mapping[str, Any], helped: str) -> Iterator[str]:
    for question in fields():
        code = question["code"]
        answer = answers.get(code)
        if not isinstance(answer, str):
            continue
        if "sign" in question and show_when(question).item_of and answer in worrying(question):
            yield f"{said(question['sign'], helped)}."
        elif answer in ALSO.get(code, ()):
            yield f"{said(question['question'], helped)} {said(answer_label(code, answer), helped)}."


def _note(answers: Mapping[str, Any]) -> Iterator[str]:
    if note := str(answers.get("notes") or "").strip():
        yield _("The note: “{note}”").format(note=Truncator(note).chars(LETTERS))


def _numbers(answers: Mapping[str, Any], helped: str) -> Iterator[str]:
    if (moving := answers.get("pain_move")) is not None:
        yield _("Back pain when moving: {pain} of 10.").format(pain=moving)
    if (resting := answers.get("pain_rest")) is not None:
        yield _("Back pain at rest: {pain} of 10.").format(pain=resting)
    if (warm := answers.get("temp_value")) is not None:
        yield _("Temperature: {value} °{unit}.").format(value=warm, unit=answers.get("temp_unit", "F"))
    if walked := answers.get("walk_level"):
        yield _("Walking: {how_far}.").format(how_far=said(answer_label("walk_level", walked), helped))

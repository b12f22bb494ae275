"""The style sheet that shows a question after the answers that call for it, without any script.

Browsers without :has() ignore all of it and show every question. What already holds an answer is never hidden.
`manage.py reveal_css` writes static/css/reveal.css; a test fails when it is not current with the questions.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from recovery.forms.show_when import Given, fields, is_tick, show_when, worrying
from recovery.triage.rulebook import questions

FORM = "#log-form"
ANSWERED = ":not(:has(:checked, .typed:not(:placeholder-shown)))"
# Its answer is set beforehand to the unit this person uses, so having one says nothing.
PRESET = "temp_unit"
HEADER = "/* Generated from the questions by manage.py reveal_css. Do not edit: a test compares. */\n"
# Answers that mean 911 at once (rules R911-01 to R911-10). A leg or a breath on file is the clinic's exception.
EMERGENCIES: tuple[tuple[Given, ...], ...] = (
    (Given("em_feels_emergency", ("yes",)),),
    (Given("em_passed_out", ("yes",)),),
    (Given("em_breath", ("some", "severe")),),
    (Given("em_chest_pain", ("yes",)),),
    (Given("em_cough_blood", ("yes",)),),
    (Given("em_leg_move", ("one_cannot", "both_cannot")),),
    (Given("weak_stand", ("cannot",)),),
    (Given("em_hard_to_wake", ("yes",)),),
    (Given("em_face_throat_swelling", ("yes",)),),
)
LEG_ON_FILE = '.leg-on-file:has([name="em_leg_move_change"][value="same_as_before"]:checked)'


def stylesheet() -> str:
    """The whole of reveal.css for the present questions."""
    rules = [*_follow_ups(), *_lists(), *_openers(), *_panel(), *_progress()]
    return HEADER + "@supports selector(:has(*)) {\n" + "\n".join(f"  {rule}" for rule in rules) + "\n}\n"


def selector(given: Given) -> str:
    """The input that is checked, or typed into, when this answer is given."""
    if not given.values:
        return f'[name="{given.code}"]:not(:placeholder-shown)'
    values = ", ".join(f'[value="{value}"]' for value in given.values)
    chosen = f":is({values})" if len(given.values) > 1 else values
    return f'[name="{given.code}"]{chosen}:checked'


def _follow_ups() -> Iterator[str]:
    for field in fields():
        shown = show_when(field)
        block = f".q-{field['code']}{'' if field['code'] == PRESET else ANSWERED}"
        if shown.any_of:
            absent = "".join(f":not(:has({selector(given)}))" for given in shown.any_of)
            yield f"{FORM}{absent} {block}:not(.always) {{ display: none; }}"
        for given in shown.all_of:
            yield f"{FORM}:not(:has({selector(given)})) {block} {{ display: none; }}"


def _lists() -> Iterator[str]:
    """The lists behind 'Yes, one or more' and 'I see or feel a change'."""
    for gate in ("nerve_gate", "site_gate"):
        opened = selector(Given(gate, ("some",)))
        yield f"{FORM}:not(:has({opened})) .list-{gate}{ANSWERED} {{ display: none; }}"


def _openers() -> Iterator[str]:
    for field in fields():
        if show_when(field).item_of and field["type"] == "enum" and not is_tick(field):
            code = field["code"]
            closed = f':not(:has([name="open_{code}"]:checked))'
            calmly = f":not(:has({selector(Given(code, tuple(worrying(field))))}))"
            yield f"{FORM} .q-{code}{closed}{calmly} .more {{ display: none; }}"


def _panel() -> Iterator[str]:
    """The 911 panel waits out of sight until an answer calls for it."""
    yield f"{FORM} .panel-911 {{ display: none; }}"
    for answers in EMERGENCIES:
        said = "".join(f":has({selector(given)})" for given in answers)
        except_on_file = f":not({LEG_ON_FILE})" if answers[0].code == "em_leg_move" else ""
        yield f"{FORM}{said}{except_on_file} .panel-911 {{ display: block; }}"
        yield f"{FORM}{said}{except_on_file} {{ padding-bottom: 24rem; }}"


def _progress() -> Iterator[str]:
    """A part is ticked off when its required questions have answers, or any answer where none is required."""
    parts: dict[int, list[Mapping[str, Any]]] = {}
    for group in questions():
        parts.setdefault(group["screen"], []).extend(group["fields"])
    for number, members in parts.items():
        required = [f':has([name="{field["code"]}"]:checked)' for field in members if field.get("required")]
        if number == 1:
            required = [":has(#part-1 :checked)"]
        done = "".join(required) or f":has(#part-{number} :is(:checked, .typed:not(:placeholder-shown)))"
        yield f"{FORM}{done} .step-{number} .step-number {{ display: none; }}"
        yield f"{FORM}{done} .step-{number} .step-done {{ display: inline-flex; }}"

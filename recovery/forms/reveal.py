"""Write the style sheet that shows a question after certain answers, without script.

Browsers without :has() ignore it and show every question. A question with an answer is never hidden.
`manage.py reveal_css` writes static/css/reveal.css; a test fails when it is outdated.
"""

from collections.abc import Iterator
from functools import cache

from patients.tiers import CALL_911
from recovery.forms.show_when import fields, is_tick, show_when, worrying
from recovery.triage.asking import Given
from recovery.triage.check import calm_log
from recovery.triage.evaluate import judge
from recovery.triage.roles import NO_ITEM
from recovery.triage.rulebook import rules_in
from recovery.triage.rulebook.files import read_content

FORM = "#log-form"
ANSWERED = ":not(:has(:checked, .typed:not(:placeholder-shown)))"
# The unit is preselected, so having a value does not mean that it was answered.
PRESET = "temp_unit"
# The sum of Tylenol stands with the fields it is added up from.
SUM_OF, SUM = "apap_total_mg", ".apap"
HEADER = "/* Generated from the questions by manage.py reveal_css. Do not edit: a test compares. */\n"
# An ordinary day of a recovery.
ORDINARY_HOURS = 30.0
LEG_ON_FILE = ".leg-on-file:has([name=em_leg_move_change][value=same_as_before]:checked)"


@cache
def emergencies() -> tuple[Given, ...]:
    """Return the answers that give call_911 on an otherwise calm log, by question.

    They are judged for a patient with every baseline symptom on file, so that symptoms a clinic may have recorded
    as usual do not count as emergencies here.
    """
    content = read_content()
    calm = {**calm_log(content), "logged_by": "caregiver"}
    on_file = next(field for field in content["patient"] if field["name"] == "baseline_symptoms")
    found: dict[str, list[str]] = {}
    for field in fields():
        for value in field["values"] if field["type"] == "enum" else ():
            log = {**calm, field["code"]: value["code"]}
            verdict = judge({"baseline_symptoms": on_file["values"]}, ORDINARY_HOURS, log, [])
            if {fired.id for fired in verdict.fired if fired.tier == CALL_911} - rules_in(NO_ITEM):
                found.setdefault(field["code"], []).append(value["code"])
    return tuple(Given(code, tuple(values)) for code, values in found.items())


def stylesheet() -> str:
    """Return the text of reveal.css for the present questions."""
    rules = [*_follow_ups(), *_lists(), *_openers(), *_panel()]
    return HEADER + "@supports selector(:has(*)) {\n" + "\n".join(f"  {rule}" for rule in rules) + "\n}\n"


def selector(given: Given) -> str:
    """Return the selector of the input that is checked or filled in when this answer is given."""
    if not given.values:
        return f"[name={given.code}]:not(:placeholder-shown)"
    # A name needs no quotes, a number does.
    quoted = (value if value.isidentifier() else f'"{value}"' for value in given.values)
    values = ", ".join(f"[value={value}]" for value in quoted)
    chosen = f":is({values})" if len(given.values) > 1 else values
    return f"[name={given.code}]{chosen}:checked"


def place(code: str) -> str:
    """Return the selector of the element a question stands in."""
    return SUM if code == SUM_OF else f"#div_id_{code}"


def _follow_ups() -> Iterator[str]:
    for field in fields():
        shown = show_when(field)
        block = f"{place(field['code'])}{'' if field['code'] == PRESET else ANSWERED}"
        if shown.any_of:
            absent = "".join(f":not(:has({selector(given)}))" for given in shown.any_of)
            yield f"{FORM}{absent} {block}:not(.always) {{ display: none; }}"
        for given in shown.all_of:
            yield f"{FORM}:not(:has({selector(given)})) {block} {{ display: none; }}"


def _lists() -> Iterator[str]:
    """Return the rules for the lists behind 'Yes, one or more' and 'I see or feel a change'."""
    for gate in ("nerve_gate", "site_gate"):
        opened = selector(Given(gate, ("some",)))
        yield f"{FORM}:not(:has({opened})) .list-{gate}{ANSWERED} {{ display: none; }}"


def _openers() -> Iterator[str]:
    for field in fields():
        if show_when(field).item_of and field["type"] == "enum" and not is_tick(field):
            code = field["code"]
            closed = f":not(:has([name=open_{code}]:checked))"
            calmly = f":not(:has({selector(Given(code, tuple(worrying(field))))}))"
            yield f"{FORM} {place(code)}{closed}{calmly} .more {{ display: none; }}"


def _panel() -> Iterator[str]:
    """Return the rules that hide the 911 panel until an answer calls for it."""
    yield f"{FORM} .panel-911 {{ display: none; }}"
    leg = f":not({LEG_ON_FILE})"
    said = [f":has({selector(given)}){leg if given.code == 'em_leg_move' else ''}" for given in emergencies()]
    yield f"{FORM}:is({', '.join(said)}) .panel-911 {{ display: block; }}"
    yield f"{FORM}:is({', '.join(said)}) {{ padding-bottom: 24rem; }}"

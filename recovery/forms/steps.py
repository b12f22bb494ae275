"""How the log stands on a phone: short steps, each on one screen, what is optional folded into the last.

A page without a script shows the same steps one below the other. The order inside a step is chosen so that the
last answer of a calm day is the one that leads on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crispy_forms.layout import Field
from django.utils.translation import gettext_lazy as _

from recovery.forms.block import APAP_ROWS, PAGE, Block
from recovery.forms.show_when import Asked, by_code, from_the_start, is_asked, is_tick, show_when
from recovery.triage.rulebook import questions
from recovery.wording.clinical_words import said

if TYPE_CHECKING:
    from recovery.forms.log import LogForm


@dataclass(frozen=True)
class LogStep:
    """One screen; the last step lists the answers of a group of the schema in one row.

    gate: a list of signs at its end, whose 'none' leads on. A step of which nobody is asked anything is left out.
    """

    group: str
    codes: tuple[str, ...] = ()
    gate: str = ""


STEPS = (
    LogStep("A_emergency", ("logged_by",), "em_gate"),
    LogStep("B_nerves", (), "nerve_gate"),
    LogStep("C_site_fever", ("fever_feel", "temp_value", "temp_unit")),
    LogStep("C_site_fever", (), "site_gate"),
    LogStep("D_pain", ("pain_move", "back_change")),
    LogStep("D_pain", ("pain_rest", "pain_site", "site_pain_change")),
    LogStep("E_day", ("walk_level",)),
    LogStep("E_day", ("activities", "mobility_change")),
    LogStep("E_day", ("brace_worn", "blood_thinner_taken", "other_meds_restarted")),
    LogStep(
        "E_day",
        (
            *("pain_meds", "apap_total_mg", "opioid_hours_since", "took_as_directed"),
            *("ice_sessions", "ice_longest_min"),
        ),
    ),
)
# This list is named after its group: its question is longer than all its signs.
NAMED_AFTER_GROUP = "nerve_gate"
MORE = (
    *("fall", "fall_head_hit", "stomach", "back_stiff", "rash"),
    *("walk_minutes", "energy", "sleep", "mood", "notes", "question_for_team"),
)
SIGNS_OF_MORE = 5
# The answers that end a step: a tap on one leads on; and the questions of which one answer alone does.
LEADS = ("back_change", "site_pain_change", "walk_level", "mobility_change")
ALONE_LEADS = {
    "fever_feel": ("no", _("No fever or chills")),
    "pain_meds": ("none", _("No pain pills")),
}
# So that their step fits on a screen: answers side by side, and as many in a row as fit.
TWO_COLUMNS, CHIPS = ("site_pain_change",), ("activities",)
# How the last step names a number.
BRIEF = {"pain_move": _("Moving"), "pain_rest": _("Resting"), "pain_site": _("Needle spot")}
ROW_ANSWERS, ROW_LETTERS = 3, 14


def steps(form: "LogForm") -> list[Block]:
    """The steps of this person's log."""
    asked = {question["code"] for question in form.questions}
    here = _steps_of(form.asked)
    made = [_step(form, step, number, asked) for number, step in enumerate(here, start=1)]
    signs = [_drawn(form, code) for code in MORE[:SIGNS_OF_MORE] if code in asked]
    rest = [_drawn(form, code) for code in MORE[SIGNS_OF_MORE:] if code in asked]
    inner = [Block("_more.html", Block("_items.html", *signs), *rest, has=_has(form, MORE))]
    return [*made, Block("_ready.html", *inner, number=len(here) + 1)]


def how_many(asked: Asked) -> int:
    """Return the number of steps of the log of a person with these facts."""
    return len(_steps_of(asked)) + 1


def _steps_of(asked: Asked) -> list[LogStep]:
    return [step for step in STEPS if step.gate or any(is_asked(by_code()[code], asked) for code in step.codes)]


def _step(form: "LogForm", step: LogStep, number: int, asked: set[str]) -> Block:
    """One step. Its heading is its list, or the first question in it, which is not said twice."""
    group = next(group for group in questions() if group["id"] == step.group)
    codes = [code for code in step.codes if code in asked]
    headed, who = step.gate or codes[0], form.asked.helped
    inner = [_drawn(form, code) for code in codes]
    form.fields[headed].is_heading = True  # type: ignore[attr-defined]
    if step.gate:
        inner.append(_signs(form, step.gate, asked, said(group["intro"], who)))
    name = said(group["title"], who)
    title = name if headed == NAMED_AFTER_GROUP else said(by_code()[headed]["question"], who)
    return Block("_step.html", *inner, number=number, title=title, name=name)


def _has(form: "LogForm", codes: tuple[str, ...]) -> bool:
    """Is something answered, or to be put right, among what is folded away?"""
    data: Any = form.data or {}
    return any(data.get(code) or data.get(f"open_{code}") or code in form.errors for code in codes)


def _signs(form: "LogForm", gate: str, asked: set[str], intro: str) -> Block:
    """The signs of a list, each with what is asked when it is ticked, and 'none of these' after the last."""
    codes = [field["code"] for group in questions() for field in group["fields"] if field["code"] in asked]
    inner = [_drawn(form, code) for code in codes if _list_of(by_code()[code]) == gate]
    words = said(by_code()[gate]["values"][0]["label"], form.asked.helped)
    return Block(
        "_signs.html",
        *inner,
        gate=gate,
        form=form,
        intro=intro,
        none=words,
        quiet=gate != "site_gate",
    )


def _list_of(question: Mapping[str, Any]) -> str:
    """The list a question stands in: its own, or that of the item it follows."""
    shown = show_when(question)
    if shown.item_of:
        return shown.item_of
    parents = [given.code for given in (*shown.any_of, *shown.all_of)]
    return show_when(by_code()[parents[0]]).item_of if parents else ""


def _drawn(form: "LogForm", code: str) -> Any:
    """One question with the template of its kind."""
    question = by_code()[code]
    shown = show_when(question)
    follows = "follow-up" if shown.any_of or shown.all_of else ""
    css = f"{follows}{' always' if from_the_start(question, form.asked) else ''}"
    _lead(form, code)
    if code == "apap_total_mg":
        rows = [Block("_apap_row.html", f"apap_mg_{p}", f"apap_pills_{p}", product=p) for p in APAP_ROWS]
        return Block("_apap.html", *rows, Field(code), css=css)
    return Field(code, template=PAGE + _template(question), wrapper_class=css)


def _lead(form: "LogForm", code: str) -> None:
    """What the templates of a phone know of a field beside its answers."""
    field: Any = form.fields[code]
    field.shape = _shape(by_code()[code], short=field.short or code in TWO_COLUMNS)
    if code in LEADS:
        field.shape += " go"
    field.alone, field.alone_words = ALONE_LEADS.get(code, (None, ""))
    # The ends of a scale are said once in a step.
    field.ends_said = any(code in _scales(step)[1:] for step in STEPS)
    field.brief = BRIEF.get(code, "")


def _scales(step: LogStep) -> list[str]:
    return [code for code in step.codes if _template(by_code()[code]) == "_scale.html"]


def _shape(question: Mapping[str, Any], *, short: bool) -> str:
    if _fits_in_a_row(question):
        return "seg"
    if question["code"] in CHIPS:
        return "chips"
    return "tiles tiles-two" if short else "tiles"


def _fits_in_a_row(question: Mapping[str, Any]) -> bool:
    labels = [value["label"] for value in question.get("values", ())]
    short = all(len(label) <= ROW_LETTERS for label in labels)
    return question["type"] == "enum" and 2 <= len(labels) <= ROW_ANSWERS and short


def _template(question: Mapping[str, Any]) -> str:
    if show_when(question).item_of and question["type"] == "enum":
        return "_tick.html" if is_tick(question) else "_item.html"
    if question["type"] == "integer" and question["range"] == [0, 10]:
        return "_scale.html"
    return "_choice.html" if question["type"] in ("enum", "set") else "_typed.html"


def every_code() -> Iterator[str]:
    """Every question that has a place in a step, for the test that none is forgotten."""
    for step in STEPS:
        yield from step.codes
        if step.gate:
            yield step.gate
            fields = [field for group in questions() for field in group["fields"]]
            yield from (field["code"] for field in fields if _list_of(field) == step.gate)
    yield from MORE

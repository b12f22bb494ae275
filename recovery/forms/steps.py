"""How the log stands on a phone: six steps, one group of questions each, what is optional folded into the last.

A page without a script shows the same steps one below the other. The order inside a step is chosen so that the
last answer of a calm day is the one that leads on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crispy_forms.layout import Field
from django.utils.translation import gettext_lazy as _

from recovery.forms.block import APAP_ROWS, PAGE, Block
from recovery.forms.show_when import by_code, from_the_start, is_tick, show_when
from recovery.triage.rulebook import questions
from recovery.wording.clinical_words import said

if TYPE_CHECKING:
    from recovery.forms.log import LogForm


@dataclass(frozen=True)
class LogStep:
    """One screen, named after a group of the schema. gate: a list of signs at its end, whose 'none' leads on."""

    group: str
    codes: tuple[str, ...] = ()
    gate: str = ""


STEPS = (
    LogStep("A_emergency", ("logged_by",), "em_gate"),
    LogStep("B_nerves", (), "nerve_gate"),
    LogStep("C_site_fever", ("fever_feel", "temp_value", "temp_unit"), "site_gate"),
    LogStep("D_pain", ("pain_move", "pain_rest", "back_change", "pain_site", "site_pain_change")),
    LogStep(
        "E_day",
        (
            *("walk_level", "mobility_change", "activities", "brace_worn"),
            *("ice_sessions", "ice_longest_min", "blood_thinner_taken", "other_meds_restarted", "pain_meds"),
            *("apap_total_mg", "opioid_hours_since", "took_as_directed"),
        ),
    ),
)
MORE = (
    *("fall", "fall_head_hit", "stomach", "back_stiff", "rash"),
    *("walk_minutes", "energy", "sleep", "mood", "notes", "question_for_team"),
)
SIGNS_OF_MORE = 5
# The answer that ends its step: a tap on it leads on; and the question whose "none" does.
LEADS, NONE_LEADS = "site_pain_change", "pain_meds"
# How the last step names a number.
BRIEF = {"pain_move": _("Moving"), "pain_rest": _("Resting"), "pain_site": _("Needle spot")}
ROW_ANSWERS, ROW_LETTERS = 3, 14


def steps(form: "LogForm") -> list[Block]:
    """The six steps of this person's log."""
    asked = {question["code"] for question in form.questions}
    groups, who = {group["id"]: group for group in questions()}, form.asked.helped
    made = []
    for number, step in enumerate(STEPS, start=1):
        inner = [_drawn(form, code) for code in step.codes if code in asked]
        if step.gate:
            inner.append(_signs(form, step.gate, asked, said(groups[step.group]["intro"], who)))
        name = said(groups[step.group]["title"], who)
        title = said(by_code()[step.gate]["question"], who) if step.gate and number == 1 else name
        made.append(Block("_step.html", *inner, number=number, title=title, name=name))
    signs = [_drawn(form, code) for code in MORE[:SIGNS_OF_MORE] if code in asked]
    rest = [_drawn(form, code) for code in MORE[SIGNS_OF_MORE:] if code in asked]
    inner = [Block("_more.html", Block("_items.html", *signs), *rest, has=_has(form, MORE))]
    return [*made, Block("_ready.html", *inner, number=len(STEPS) + 1)]


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
        titled=gate == "em_gate",
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
    field.shape = "seg" if _fits_in_a_row(by_code()[code]) else "tiles tiles-two" if field.short else "tiles"
    if code == LEADS:
        field.shape += " go"
    field.none = "none" if code == NONE_LEADS else None
    field.brief = BRIEF.get(code, "")


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

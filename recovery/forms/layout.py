"""The layout of the log: by steps on a phone, six titled parts of one page at the desk, lists that open."""

from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout

from recovery.forms.block import APAP_ROWS, PAGE, Block
from recovery.forms.show_when import (
    ADD_MORE,
    ANYTHING_ELSE,
    Asked,
    by_code,
    fields,
    from_the_start,
    is_tick,
    show_when,
)
from recovery.forms.steps import steps
from recovery.triage.rulebook import questions

if TYPE_CHECKING:
    from recovery.forms.log import LogForm

LISTS_AFTER = ("nerve_gate", "site_gate")
# These items come first in the list "Anything else?"; the others follow in the order of the questions.
FIRST_OF_ELSE = ("fall", "fall_head_hit", "stomach", "back_stiff", "rash")
# Comes first: the additional emergency question for helpers.
FIRST = "logged_by"


def helper(form: "LogForm") -> FormHelper:
    """Return the crispy helper of a log form; the page renders the hidden fields."""
    made = FormHelper(form)
    made.form_tag = False
    made.disable_csrf = True
    made.render_hidden_fields = False
    made.layout = Layout(*(_parts(form) if form.asked.at_desk else steps(form)))
    return made


def _parts(form: "LogForm") -> list[Block]:
    """Return one block per screen of questions; a second group on a screen gets a smaller title."""
    asked = {q["code"] for q in form.questions if q["code"] != "notes_confirm"}
    parts = []
    for screen, groups in groupby(questions(), key=lambda group: group["screen"]):
        first, *more = list(groups)
        inner = _group(first, asked, form.asked)
        for group in more:
            inner.append(
                Block("_group.html", *_group(group, asked, form.asked), title=group["title"], intro=group["intro"])
            )
        if screen == _screen_of_the_day():
            inner.append(_anything_else(asked, form.asked))
        intro = "" if first["fields"][0]["code"] == "em_gate" else first["intro"]
        parts.append(Block("_part.html", *inner, number=screen, title=first["title"], intro=intro))
    return parts


def _screen_of_the_day() -> int:
    return next(int(group["screen"]) for group in questions() if group["id"] == "E_day")


def _group(group: Mapping[str, Any], asked: set[str], who: Asked) -> list[Any]:
    """Return the questions of one group, each list directly after its gate."""
    here = [q for q in group["fields"] if q["code"] in asked]
    lists: dict[str, list[Any]] = {}
    drawn: list[Any] = []
    for question in here:
        where = _list_of(question)
        if where:
            lists.setdefault(where, []).append(_drawn(question, who))
        elif question["code"] == "em_gate":
            drawn.append(Block("_emergency.html", gate="em_gate", intro=group["intro"]))
        elif question["code"] != FIRST:
            drawn.append(_drawn(question, who))
        if question["code"] in LISTS_AFTER:
            drawn.append(Block("_list.html", name=question["code"]))
    for block in drawn:
        if isinstance(block, Block) and (block.gate or block.words.get("name")) in lists:
            block.fields = lists[block.gate or block.words["name"]]
    if ADD_MORE in lists:
        drawn.append(Block("_drawer.html", *lists[ADD_MORE]))
    return drawn


def _anything_else(asked: set[str], who: Asked) -> Block:
    listed = [q for q in fields() if q["code"] in asked and _list_of(q) == ANYTHING_ELSE]
    listed.sort(key=lambda q: FIRST_OF_ELSE.index(q["code"]) if q["code"] in FIRST_OF_ELSE else len(FIRST_OF_ELSE))
    return Block("_anything_else.html", *(_drawn(question, who) for question in listed))


def _list_of(question: Mapping[str, Any]) -> str:
    """Return the list of a question: its own, or that of the item it follows."""
    shown = show_when(question)
    if shown.item_of:
        return shown.item_of
    parents = [given.code for given in (*shown.any_of, *shown.all_of)]
    return show_when(by_code()[parents[0]]).item_of if parents else ""


def _drawn(question: Mapping[str, Any], who: Asked) -> Any:
    """Return one question with the template of its kind."""
    code = question["code"]
    shown = show_when(question)
    follows = "follow-up" if shown.any_of or shown.all_of else ""
    css = f"{follows}{' always' if from_the_start(question, who) else ''}"
    if code == "apap_total_mg":
        rows = [Block("_apap_row.html", f"apap_mg_{p}", f"apap_pills_{p}", product=p) for p in APAP_ROWS]
        return Block("_apap.html", *rows, Field(code), css=css)
    if shown.item_of and question["type"] == "enum":
        return Field(
            code, template=PAGE + ("_tick.html" if is_tick(question) else "_item.html"), wrapper_class=css
        )
    if question["type"] == "integer" and question["range"] == [0, 10]:
        return Field(code, template=PAGE + "_scale.html", wrapper_class=css)
    return Field(code, wrapper_class=css)

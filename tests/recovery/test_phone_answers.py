"""The phone reads a filled-in form exactly as the server's form does: same answers, same problems."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recovery.forms.log import LogForm
from recovery.forms.show_when import Asked, fields, show_when
from tests.depth import examples
from tests.recovery.conftest import CALM

READER = Path(__file__).resolve().parents[1] / "js" / "read_answers.mjs"
ASKED = Asked(brace=True, thinner_held=True, meds_on_hold=True, has_helper=True, breath_usual=True)
NUMBERS = [
    "101.2°F",
    "38,5 C",
    "１０１．２ ℉",
    "38.5 grados centígrados.",
    "101 degrees",
    "38º c",
    "٣٨٫٥",
    "98.6 K",
    "1,000",
    "4.000 mg",
    "1,00",
    "500mg",
    "2½ pills",
    "30 min",
    "2 hrs",
    "\u200b7\u00a0",
    "\u22125",
    "",
    " ",
    "0",
    "98,6",
    " 37.5 ",
    "986",
    "-5",
    "1e3",
    "1,234.5",
    "٣",
    ".",
    "5.",
    ".5",
    "2.5",
    "600",
    "601",
    "1" * 25,
]
WORDS = ["", " ", "fine", " two\r\nlines ", "\x1c odd \x85", "\ufeffmark", "x" * 1001, "\U0001f600" * 600]
WORDS += ["a\x00b\x07c", "\u202eyes\u202c", "soft\u00adhyphen", "one\u2028two\rthree", "\x00 \u200b"]

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None, reason="no Node found: the phone's reading is not compared"
)


class Phone:
    """The phone's reader under Node: a line of a form in, a line of answers out."""

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(["node", str(READER)], stdin=pipe, stdout=pipe, text=True)

    def read(self, entries: list[tuple[str, str]], **options: Any) -> dict[str, Any]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([entries, options]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="module")
def phone() -> Iterator[Phone]:
    made = Phone()
    yield made
    made.process.kill()
    made.process.communicate()


def values(question: dict[str, Any]) -> st.SearchStrategy[list[str]]:
    """What a page can send for one question: some of its answers, or anything typed."""
    if question.get("values"):
        codes = [value["code"] for value in question["values"]]
        # Two answers to one question: no page sends them, and both readers ask again.
        most = len(codes) if question["type"] == "set" else 2
        return st.lists(st.sampled_from(codes), max_size=most, unique=True)
    if question["type"] == "text":
        return st.sampled_from(WORDS).map(lambda text: [text])
    if question.get("range") == [0, 10]:
        return st.lists(st.integers(0, 10).map(str), max_size=1)
    return st.sampled_from(NUMBERS).map(lambda text: [text])


@st.composite
def forms(draw: st.DrawFn) -> list[tuple[str, str]]:
    """A calm day with any questions answered otherwise, opened, or left out."""
    filled = {
        name: [str(v) for v in value] if isinstance(value, list) else [str(value)] for name, value in CALM.items()
    }
    for question in draw(st.lists(st.sampled_from(fields()), max_size=8)):
        filled[question["code"]] = draw(values(dict(question)))
        if question["type"] == "enum" and show_when(question).item_of and draw(st.booleans()):
            filled[f"open_{question['code']}"] = ["1"]
    for name in draw(st.sets(st.sampled_from(["apap_mg_", "apap_pills_"]))):
        filled[f"{name}acetaminophen"] = [draw(st.sampled_from(NUMBERS))]
    return [(name, value) for name, given_values in filled.items() for value in given_values]


@settings(max_examples=examples(600), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(entries=forms(), partial=st.booleans())
@pytest.mark.slow
def test_the_same_answers_and_the_same_questions_to_put_right(
    phone: Phone, entries: list[tuple[str, str]], partial: bool
) -> None:
    data = QueryDict(mutable=True)
    for name, value in [*entries, *([("partial", "1")] if partial else [])]:
        data.appendlist(name, value)
    form = LogForm(data, asked=ASKED)
    form.is_valid()
    here = phone.read(entries, partial=partial, asked=list(form.fields))
    assert here["answers"] == json.loads(json.dumps(form.answers()))
    assert {code for code, _ in here["problems"]} == set(form.errors)

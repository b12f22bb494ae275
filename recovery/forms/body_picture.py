"""The picture of a body, front and back, for the questions that ask where.

The list of places is the question; the picture shows the same places a second way. `manage.py reveal_css` writes
it into static/js/questions.js for the phone; the desk shows on it what was answered. Coordinates are in VIEW_BOX.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recovery.forms.show_when import fields

VIEW_BOX = "0 0 260 252"
# What is only drawn: for each of the two bodies a head, a trunk and two arms.
OUTLINE = (
    "M65 4a15 15 0 1 1 0 30a15 15 0 1 1 0-30z",
    "M43 40q22-7 44 0q8 3 8 14l-4 40H39l-4-40q0-11 8-14z",
    "M33 50q-10 4-12 20l-5 52q0 8 6 8t7-8l7-44zM97 50q10 4 12 20l5 52q0 8-6 8t-7-8l-7-44z",
    "M195 4a15 15 0 1 1 0 30a15 15 0 1 1 0-30z",
    "M173 40q22-7 44 0q8 3 8 14l-4 40h-52l-4-40q0-11 8-14z",
    "M163 50q-10 4-12 20l-5 52q0 8 6 8t7-8l7-44zM227 50q10 4 12 20l5 52q0 8-6 8t-7-8l-7-44z",
)
# A tap on it is an answer; each at least 48 px wide and high on a phone. "Some place else" has no place.
PLACES = {
    "belly": ("M39 97h52l3 38q-29 9-58 0z",),
    "legs": (
        "M36 140q14 4 27 4l-3 76q0 6-9 6t-9-6zM94 140q-14 4-27 4l3 76q0 6 9 6t9-6z",
        "M167 148l26-2-3 74q0 6-9 6t-9-6zM223 148l-26-2 3 74q0 6 9 6t9-6z",
    ),
    "buttocks": ("M168 102h54l3 38q-30 8-60 0z",),
    "treated_area": ("M195 48a20 24 0 1 1 0 48a20 24 0 1 1 0-48z",),
}
FRONT, BACK = 65, 195
# The questions that ask where, with what a chart calls it.
ASKED = {"numb_where": "Numb or tingly", "weak_where": "Weak", "spread_pain_where": "Pain"}


@dataclass(frozen=True)
class Picture:
    """What one question found: its name, the places in words, and all shapes with whether they are meant."""

    name: str
    words: str
    shapes: tuple[tuple[str, bool], ...]


def places_of(code: str) -> list[str]:
    """Return the answers to a question that the picture shows."""
    field = next(field for field in fields() if field["code"] == code)
    return [value["code"] for value in field["values"] if value["code"] in PLACES]


def drawing() -> dict[str, Any]:
    """Return the picture as the phone's script needs it."""
    places = {place: list(shapes) for place, shapes in PLACES.items()}
    asked = {code: places_of(code) for code in ASKED}
    return {"box": VIEW_BOX, "outline": list(OUTLINE), "places": places, "asked": asked, "centers": [FRONT, BACK]}


def pictures(answers: Mapping[str, Any]) -> list[Picture]:
    """Return a picture for each question of a log that names a place on it."""
    found = []
    for field in fields():
        said = answers.get(field["code"])
        if field["code"] not in ASKED or not isinstance(said, list):
            continue
        meant = [value for value in field["values"] if value["code"] in said]
        if not any(value["code"] in PLACES for value in meant):
            continue
        shapes = [(shape, place in said) for place, all_of in PLACES.items() for shape in all_of]
        words = ", ".join(value["label"] for value in meant)
        found.append(Picture(ASKED[field["code"]], words, (*((shape, False) for shape in OUTLINE), *shapes)))
    return found

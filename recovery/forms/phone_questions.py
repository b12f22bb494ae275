"""Write the questions for the phone: only what it needs to make answers of input as LogForm does.

`manage.py reveal_css` writes static/js/questions.js and the style sheet; a test fails when they are outdated.
"""

import json
from collections.abc import Mapping
from typing import Any

from recovery.forms import body_picture, log, typed
from recovery.forms.block import APAP_ROWS
from recovery.forms.fields import UNIT_OF
from recovery.forms.show_when import fields, is_tick, show_when, worrying
from recovery.triage.rulebook.files import read_content

HEADER = "// Written by manage.py reveal_css from the questions. Do not edit: a test compares.\n"


def script() -> str:
    """Return the text of questions.js for the present questions."""
    rows = "".join(f"{_json(_question(field))},\n" for field in fields())
    known = {
        "gates": log.GATES,
        "plausibleTemp": log.PLAUSIBLE_TEMP,
        "products": APAP_ROWS,
        "milligrams": log.MILLIGRAMS,
        "pills": log.PILLS,
        "numbers": {
            "longest": typed.LONGEST_NUMBER,
            "folded": typed.FOLDED,
            "any": typed.NUMBER,
            "whole": typed.WHOLE,
            "thousands": typed.THOUSANDS,
            "degrees": typed.DEGREES,
            "tempUnits": typed.TEMP_UNITS,
            "units": typed.NUMBER_UNITS,
        },
        "words": {
            "tellMore": log.TELL_MORE,
            "oneAnswer": log.ONE_ANSWER,
            "tellStrength": log.TELL_STRENGTH,
            "checkTemp": log.CHECK_TEMP,
        },
        "body": body_picture.drawing(),
        "documents": {row["key"]: row["title"] for row in read_content()["sources"]["documents"]},
    }
    constants = "".join(f"{_type(name)}export const {name} = {_json(value)};\n" for name, value in known.items())
    return f"{HEADER}{constants}{_type('questions')}export const questions = [\n{rows}];\n"


def _type(name: str) -> str:
    """Return a type comment for the type checker where it cannot infer the type."""
    shape = {"numbers": "NumberWords", "questions": "Question[]", "body": "BodyPicture"}.get(name)
    return f"/** @type {{{shape}}} */\n" if shape else ""


def _question(field: Mapping[str, Any]) -> dict[str, Any]:
    """Return a question without its false and empty values."""
    kind = field["type"]
    scale = kind == "integer" and field["range"] == [0, 10]
    row = {
        "code": field["code"],
        "type": "scale" if scale else kind,
        "words": field["question"],
        "required": bool(field.get("required")) and field["code"] not in log.GATES,
        "list": show_when(field).item_of,
        "worry": worrying(field) if show_when(field).item_of else [],
        "tick": is_tick(field),
        "longest": field.get("maxlen"),
        "unit": UNIT_OF.get(field["code"]),
        # Any temperature is taken: the form asks once to check it.
        "limits": field["range"] if kind in ("integer", "number") and field["code"] != "temp_value" else None,
    }
    return {key: value for key, value in row.items() if value}


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)

"""Check the questions and the patient record: types, values, defaults, sources, and when a question is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from recovery.language.expression import ExpressionError
from recovery.triage.asking import asking
from recovery.triage.facts import log_fields
from recovery.triage.field_types import is_known_type, reason_against
from recovery.triage.problem import Problem
from recovery.triage.vocabulary import raw_facts

Content = Mapping[str, Any]
# `show_if` is prose. A word in it is a code when it has an underscore or stands before a comparison.
_CODE = re.compile(r"(?<![\w.])(?:patient\.)?([a-z]\w*_\w+|[a-z]\w*(?= (?:=|!=|>=|<|in \()))")


def question_problems(content: Content) -> Iterator[Problem]:
    """Return the problems of questions.json and patient.json."""
    fields = log_fields(content)
    for field in fields:
        yield from _field("questions.json", field["code"], field)
        if field.get("default") is None and field["type"] == "set":
            yield Problem("questions.json", field["code"], "a set needs the default []")
        for unknown in sorted(_words_in(field["show_if"]) - _known(content, fields)):
            yield Problem("questions.json", field["code"], f"show_if asks for {unknown!r}, which does not exist")
    yield from _wrong_asking(content)
    for field in content["record"]["fields"]:
        yield from _field("patient.json", field.get("name", ""), field)


def _field(file: str, name: str, field: Content) -> Iterator[Problem]:
    if not is_known_type(field.get("type")):
        if field.get("type") not in ("overrides", "alerts"):
            yield Problem(file, name, f"there is no type {field.get('type')!r}")
        return
    values = field.get("values", [])
    if field["type"] in ("enum", "set"):
        codes = [value if isinstance(value, str) else value.get("code") for value in values]
        if not codes or None in codes or len(set(codes)) < len(codes):
            yield Problem(file, name, "needs values, each with a code of its own")
            return
    default = field.get("default")
    if default is not None and (reason := reason_against(default, field)):
        yield Problem(file, name, f"the default {default!r} {reason}")


def _wrong_asking(content: Content) -> Iterator[Problem]:
    by_code = {field["code"]: field for group in content["groups"] for field in group["fields"]}
    facts = raw_facts(content)
    for code, field in by_code.items():
        try:
            asking(field, by_code, facts)
        except ExpressionError as error:
            yield Problem("questions.json", code, str(error))


def _words_in(show_if: str) -> set[str]:
    return set(_CODE.findall(show_if)) - {"hours", "not"}


def _known(content: Content, fields: list[Content]) -> set[str]:
    """Return the names `show_if` may use: questions, answers, fields of the record and their values."""
    known = {field["code"] for field in fields} | {field["name"] for field in content["record"]["fields"]}
    for field in [*fields, *content["record"]["fields"]]:
        known |= {value if isinstance(value, str) else value["code"] for value in field.get("values", ())}
    return known

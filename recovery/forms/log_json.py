"""Read one log from JSON: from bytes to answers of a known shape, or the list of problems."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.http import HttpRequest, JsonResponse

from patients.values.bounds import READ
from patients.values.typed_text import clean
from recovery.forms.fields import UNIT_OF
from recovery.forms.log_number import read_count
from recovery.forms.typed import read_number, read_temperature
from recovery.state.phone_counts import Count
from recovery.triage.rulebook import questions
from recovery.triage.validation import validate_log
from recovery.wording import left_over

LONGEST_BODY = 64 * 1024
PHONE_WORDS = ("phone_tier", "phone_rulebook", "phone_facts")
FIELDS = (
    "client_id",
    "about",
    "answers",
    "answered_at",
    "partial",
    *PHONE_WORDS,
    "phone_fired",
    "supersedes",
    "count",
)
STEPS = "step_seconds"
MOST_FIRED, LONGEST_ID = 100, 24
TOO_LONG = "A log is at most {} bytes long."
NOT_JSON = "This is not JSON that can be read."
Problem = tuple[str, str]


class Refused(Exception):
    """A refusal with its HTTP status, sent as problem+json."""

    def __init__(self, status: int, title: object, errors: list[Problem] | None = None) -> None:
        self.status, self.title, self.errors = status, str(title), errors or []

    def response(self) -> JsonResponse:
        """Return the problem document."""
        errors = [{"field": field, "reason": reason} for field, reason in self.errors]
        body = {"title": self.title, "status": self.status, "errors": errors}
        return JsonResponse(body, status=self.status, content_type="application/problem+json")


@dataclass(frozen=True)
class LogJson:
    """One log as sent. about: the patient the phone meant, if given; phone_*: the phone's own verdict.

    unread: the values that could not be read, as sent; problems: why.
    """

    client_id: uuid.UUID
    answers: dict[str, Any]
    unread: dict[str, Any]
    problems: list[Problem]
    answered_at: datetime
    partial: bool
    phone_tier: str
    phone_rulebook: str
    phone_facts: str
    phone_fired: list[str] | None
    supersedes: uuid.UUID | None
    about: uuid.UUID | None
    count: Count | None = None


def read_body(request: HttpRequest, longest: int = LONGEST_BODY) -> dict[str, Any]:
    """Return the JSON object of a request; raises Refused when it is too long, too deep, or not strict JSON."""
    if request.content_type != "application/json":
        raise Refused(415, "Send JSON: Content-Type application/json.")
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError as error:
        raise Refused(400, "The length of this request makes no sense.") from error
    if length > longest:
        raise Refused(413, TOO_LONG.format(longest))
    try:
        raw = request.read(longest + 1)
        if len(raw) > longest:
            raise Refused(413, TOO_LONG.format(longest))
    except OSError as error:
        raise Refused(400, NOT_JSON) from error
    return parse(raw)


def parse(raw: bytes) -> dict[str, Any]:
    """Return one strict JSON object, without repeated keys or special numbers; raises Refused."""
    try:
        body = json.loads(raw.decode("utf-8"), object_pairs_hook=_no_key_twice, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(400, NOT_JSON) from error
    if not isinstance(body, dict):
        raise Refused(400, "Send one JSON object.")
    return body


def read_log_json(body: dict[str, Any], now: datetime) -> tuple[LogJson | None, list[Problem]]:
    """Return the log in a body, or None and the problems: its id, whom it is about, or no answers at all.

    Nothing else refuses a log. Other unreadable fields count as not sent; an unreadable answer is kept as sent.
    """
    client_id, about = as_uuid(body.get("client_id")), as_uuid(body.get("about"))
    problems: list[Problem] = []
    if client_id is None:
        problems.append(("client_id", "must be a UUID"))
    if body.get("about") is not None and about is None:
        problems.append(("about", "must be a UUID or null"))
    if not isinstance(body.get("answers"), dict):
        problems.append(("answers", "must be an object"))
    if problems or client_id is None:
        return None, problems
    answers, unread, problems = read_answers(body["answers"])
    answered_at = _moment(body.get("answered_at"), now)
    if answered_at is None:
        unread["answered_at"] = body["answered_at"]
        problems.append(("answered_at", "must be a date and time with offset, like 2026-01-31T09:30:00-05:00"))
    problems += [(left_over.name(key), "is not a known field") for key in body if key not in FIELDS]
    tier, rulebook, facts = (_storable(body.get(name)) for name in PHONE_WORDS)
    fired = body.get("phone_fired")
    return LogJson(
        client_id,
        answers,
        unread,
        problems,
        answered_at or now,
        body.get("partial") is True,
        tier,
        rulebook,
        facts,
        fired if _is_fired(fired) else None,
        as_uuid(body.get("supersedes")),
        about,
        read_count(body.get("count")),
    ), []


def read_answers(sent: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], list[Problem]]:
    """Return the answers, the unreadable values as sent, and the problems with those."""
    answers: dict[str, Any] = {}
    unread: dict[str, Any] = {}
    problems: list[Problem] = []
    for code, value in sent.items():
        if code == STEPS:
            answers |= _steps(value)
            continue
        answer = _read(code, value)
        # A text past its bound is not a problem: it is split.
        why = validate_log({code: left_over.head(code, answer)})
        if why:
            unread[code] = value
            problems.append((f"answers.{left_over.name(code)}", why[0][1]))
        elif answer not in (None, []):
            answers[code] = answer
    if "temp_value" in answers and (unit := read_temperature(str(sent["temp_value"]))[1]):
        answers["temp_unit"] = unit
    return answers, unread, problems


def _steps(value: Any) -> dict[str, Any]:
    """Return the seconds per step; invalid values are dropped, because they are not a person's words."""
    return {STEPS: value} if value and not validate_log({STEPS: value}) else {}


def _read(code: str, value: Any) -> Any:
    """Return a text cleaned, or as a number where the question asks for one; other values unchanged."""
    if not isinstance(value, str):
        return value
    text = clean(value).strip()
    kind = _kinds().get(code)
    if kind not in ("number", "integer") or not text:
        return text or None
    whole, unit = kind == "integer", UNIT_OF.get(code, "")
    number = read_temperature(text)[0] if code == "temp_value" else read_number(text, whole=whole, unit=unit)
    return text if number is None else int(number) if whole else number


@cache
def _kinds() -> Mapping[str, str]:
    return {field["code"]: field["type"] for group in questions() for field in group["fields"]}


def _storable(value: Any) -> str:
    return clean(value) if isinstance(value, str) else ""


def _is_fired(value: Any) -> bool:
    """Return whether the value is null or a short list of short storable texts."""
    if value is None:
        return True
    return (
        isinstance(value, list)
        and len(value) <= MOST_FIRED
        and all(isinstance(one, str) and len(one) <= LONGEST_ID and one == clean(one) for one in value)
    )


def as_uuid(value: Any) -> uuid.UUID | None:
    """Return the UUID in a text; None for anything else."""
    try:
        return uuid.UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _moment(value: Any, now: datetime) -> datetime | None:
    """Return an aware moment of a plausible year; now when none was sent."""
    if value is None:
        return now
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo and READ.hold(moment) else None


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)

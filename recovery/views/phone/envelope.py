"""One log as JSON: from bytes to answers of the right shape, or everything that is wrong with them."""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, JsonResponse

from recovery.triage.validation import validate_log

LONGEST_BODY = 64 * 1024
PHONE_WORDS = ("phone_tier", "phone_rulebook", "phone_facts")
FIELDS = ("client_id", "about", "answers", "answered_at", "partial", *PHONE_WORDS, "phone_fired", "supersedes")
MOST_FIRED, LONGEST_ID = 100, 24
TOO_LONG = f"A log is at most {LONGEST_BODY} bytes long."
Problem = tuple[str, str]


class Refused(Exception):
    """An answer other than 2xx, as problem+json."""

    def __init__(self, status: int, title: str, errors: list[Problem] | None = None) -> None:
        self.status, self.title, self.errors = status, title, errors or []

    def response(self) -> JsonResponse:
        """The problem document."""
        errors = [{"field": field, "reason": reason} for field, reason in self.errors]
        body = {"title": self.title, "status": self.status, "errors": errors}
        return JsonResponse(body, status=self.status, content_type="application/problem+json")


@dataclass(frozen=True)
class Envelope:
    """One log as sent. about: the patient the phone meant, when it says so; phone_*: what it judged by itself."""

    client_id: uuid.UUID
    answers: dict[str, Any]
    answered_at: datetime
    partial: bool
    phone_tier: str
    phone_rulebook: str
    phone_facts: str
    phone_fired: list[str] | None
    supersedes: uuid.UUID | None
    about: uuid.UUID | None


def read_body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a request; raises Refused for anything too long, too deep, or not exactly JSON."""
    if request.content_type != "application/json":
        raise Refused(415, "Send JSON: Content-Type application/json.")
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError as error:
        raise Refused(400, "The length of this request makes no sense.") from error
    if length > LONGEST_BODY:
        raise Refused(413, TOO_LONG)
    try:
        raw = request.read(LONGEST_BODY + 1)
        if len(raw) > LONGEST_BODY:
            raise Refused(413, TOO_LONG)
        body = json.loads(raw.decode("utf-8"), object_pairs_hook=_no_key_twice, parse_constant=_no_constant)
    except (ValueError, RecursionError, OSError) as error:
        raise Refused(400, "This is not JSON that can be read.") from error
    if not isinstance(body, dict):
        raise Refused(400, "Send one JSON object.")
    return body


def read_envelope(body: dict[str, Any], now: datetime) -> tuple[Envelope | None, list[Problem]]:
    """The log in a body, or everything that is wrong with it."""
    problems: list[Problem] = [(str(key)[:60], "is not a known field") for key in body if key not in FIELDS]
    client_id, supersedes = as_uuid(body.get("client_id")), as_uuid(body.get("supersedes"))
    if client_id is None:
        problems.append(("client_id", "must be a UUID"))
    about = as_uuid(body.get("about"))
    for name, found in (("supersedes", supersedes), ("about", about)):
        if body.get(name) is not None and found is None:
            problems.append((name, "must be a UUID or null"))
    answered_at = _moment(body.get("answered_at"), now)
    if answered_at is None:
        problems.append(("answered_at", "must be a date and time with offset, like 2026-01-31T09:30:00-05:00"))
    partial = body.get("partial", False)
    if not isinstance(partial, bool):
        problems.append(("partial", "must be true or false"))
    if not _is_fired(body.get("phone_fired")):
        problems.append(("phone_fired", "must be a list of rule ids or null"))
    for name in PHONE_WORDS:
        if not isinstance(body.get(name, ""), str) or _unstorable(body.get(name, "")):
            problems.append((name, "must be a text"))
    answers = body.get("answers")
    problems += [(f"answers.{field}" if field else "answers", why) for field, why in answer_problems(answers)]
    if problems or client_id is None or answered_at is None:
        return None, problems
    tier, rulebook, facts = (body.get(name, "") for name in PHONE_WORDS)
    given = {key: value for key, value in answers.items() if value not in (None, [])}  # type: ignore[union-attr]
    fired = body.get("phone_fired")
    judged = (tier, rulebook, facts, fired)
    return Envelope(client_id, given, answered_at, bool(partial), *judged, supersedes, about), []


def _is_fired(value: Any) -> bool:
    """Null, or a short list of short storable texts."""
    if value is None:
        return True
    return (
        isinstance(value, list)
        and len(value) <= MOST_FIRED
        and all(isinstance(one, str) and len(one) <= LONGEST_ID and not _unstorable(one) for one in value)
    )


def answer_problems(answers: Any) -> list[Problem]:
    """The problems of the answers: the shape of the questions, and letters that cannot be stored."""
    problems = list(validate_log(answers))
    if isinstance(answers, dict):
        texts = [(key, value) for key, value in answers.items() if isinstance(value, str)]
        problems += [(key, "holds a letter that cannot be stored") for key, value in texts if _unstorable(value)]
    return problems


def _unstorable(text: Any) -> bool:
    """NUL, and halves of letters: JSON may carry them, PostgreSQL and UTF-8 do not."""
    return isinstance(text, str) and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text)


def as_uuid(value: Any) -> uuid.UUID | None:
    """The UUID a text spells; None for anything else."""
    try:
        return uuid.UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _moment(value: Any, now: datetime) -> datetime | None:
    """An aware moment of the years people live in; now when none was sent."""
    if value is None:
        return now
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo and 1970 <= moment.year <= 2200 else None


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)

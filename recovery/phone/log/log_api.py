"""POST /api/logs/: one log as JSON, for the phone's own script. Errors are problem+json and never echo a value."""

import uuid
from datetime import datetime
from typing import Any

from django.http import JsonResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from alerts.clock import db_now
from patients.access import PatientRequest, turn_to
from recovery.forms.log_json import Problem, Refused, as_uuid, read_answers, read_body, read_log_json
from recovery.logs.check import WORDS, TooMany
from recovery.logs.read import Sender, procedure_to_log_for, read_json, read_log
from recovery.logs.submit import Submission, submit_log, submit_urgent_part
from recovery.phone.log import sending, unsent
from recovery.phone.log.json_door import CLOSED, json_door
from recovery.state import phone_counts


@json_door(("POST",), "Send one log by POST.")
def log_api(request: PatientRequest) -> JsonResponse:
    """201 stored, 200 stored before; 400, 401, 403, 404, 405, 409, 413, 415, 422, 429 as problem+json."""
    return _take(request, db_now())


def _take(request: PatientRequest, now: datetime) -> JsonResponse:
    body = read_body(request)
    turned = _turn_to_whom_it_is_about(request, body)
    sender = _sender(request, now)
    log_json, problems = read_log_json(body, now)
    if problems or log_json is None:
        _keep_readable(body, sender)
        raise Refused(422, _("This log could not be read."), problems)
    log = read_json(log_json, **sender)
    try:
        sent = submit_log(log, may_wait=True)
    except TooMany as error:
        raise Refused(429, WORDS) from error
    phone_counts.note(request.user, request.patient, log_json.count, now)
    if not log_json.partial and not turned:
        unsent.forget(request)
    sent.log.in_hospital_since = getattr(sender["procedure"], "in_hospital_since", None)  # type: ignore[attr-defined]
    # Answer with the phone's id: other answers under a known id are stored under an id of the server.
    return _stored(sent, {**sending.marks(request), "client_id": str(log_json.client_id)}, log_json.problems)


def _sender(request: PatientRequest, now: datetime) -> Sender:
    """Return the sender; raises Refused when the recovery is closed (409) or the helper may not log (403)."""
    procedure = procedure_to_log_for(request.patient, now)
    if procedure is None:
        raise Refused(409, CLOSED)
    if not sending.may_log(request):
        raise Refused(403, _("The person you help has not let you answer for them."))
    return sending.sender(request, procedure, now, sending.APP)


def _turn_to_whom_it_is_about(request: PatientRequest, body: dict[str, Any]) -> bool:
    """Switch the session to the patient the log is about; returns whether it had to. Raises Refused (409).

    The helper may have switched to another patient in another tab. An emergency must not be refused for that, nor
    reach the wrong chart.
    """
    about = as_uuid(body.get("about"))
    if about is None or about == request.patient.code:
        return False
    if not turn_to(request, about):
        raise Refused(409, _("This log is about another person than the one you answer for now."))
    return True


def _keep_readable(body: dict[str, Any], sender: Sender) -> None:
    """Submit the readable part of a refused log when it is urgent, as the log page does."""
    if not isinstance(body.get("answers"), dict):
        return
    answers, unread, _ = read_answers(body["answers"])
    client_id = as_uuid(body.get("client_id")) or uuid.uuid4()
    now = sender["now"]
    log = read_log(answers=answers, unread=unread, client_id=client_id, answered_at=now, **sender)
    submit_urgent_part([log])


def _stored(sent: Submission, marks: dict[str, str], problems: list[Problem]) -> JsonResponse:
    """Return the JSON answer to a stored log. problems: fields that were kept but not understood."""
    verdict, since = sent.assessment, getattr(sent.log, "in_hospital_since", None)
    body = {
        **marks,
        "code": str(sent.log.code),
        "received_at": sent.log.received_at.isoformat(),
        "tier": verdict.tier if verdict else None,
        "er_now": verdict.er_now if verdict else False,
        "messages": list(sent.log.said.texts),
        "words_unread": sent.log.said.unread,
        "in_hospital_since": since.isoformat() if since else None,
        "advice": reverse("recovery:advice", args=[sent.log.code]),
        "unread": [{"field": field, "reason": reason} for field, reason in problems],
    }
    return JsonResponse(body, status=201 if sent.created else 200)

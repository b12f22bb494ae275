"""/api/phone/: GET what a phone needs to store one person's data apart from others; POST its public key.

The key lets this phone send urgent logs of this person for 90 days without a sign-in (sealed_api.py).
"""

from typing import Any

from django.http import JsonResponse
from django.middleware.csrf import get_token

from alerts.clock import db_now
from patients.access import PatientRequest
from patients.models import Patient
from patients.sign_in.phone_secrets import first_name, person_mark, store_secrets
from patients.templatetags.kypho import phone_words, tel
from patients.vault.phone_seal import newest_key
from recovery.forms.log_json import Refused, read_body
from recovery.logs import phone_keys
from recovery.phone.log.json_door import json_door

LONGEST = 2048


@json_door(("GET", "HEAD", "POST"), "Ask by GET, register a key by POST.")
def phone_api(request: PatientRequest) -> JsonResponse:
    """200 with the data, 201 for a stored key; 400, 401, 404, 405, 413, 415 as problem+json."""
    return _register(request) if request.method == "POST" else JsonResponse(_about(request))


def _about(request: PatientRequest) -> dict[str, Any]:
    """Return the person, their patients, the secrets for their data on this phone, and the server's seal key."""
    seal = newest_key()
    return {
        "person": person_mark(request.user),
        "name": first_name(request.user),
        "people": {str(person.code): _whom(person) for person in request.people},
        "secrets": store_secrets(request.user),
        "seal": {"id": seal.id, "point": seal.point_text},
        "csrf": get_token(request),
    }


def _whom(patient: Patient) -> dict[str, str]:
    """Return the patient's first name and the number of their clinic."""
    number = patient.clinic.phone
    return {"name": patient.first_name, "call": phone_words(number), "tel": tel(number)}


def _register(request: PatientRequest) -> JsonResponse:
    body = read_body(request, LONGEST)
    label = body.get("label")
    try:
        key = phone_keys.register(
            request.user, str(body.get("public_key")), label if isinstance(label, str) else "", db_now()
        )
    except ValueError as error:
        raise Refused(400, "This is not a key.") from error
    live_until = None if key.ended_at else key.expires_at.isoformat()
    return JsonResponse(
        {"person": person_mark(request.user), "key": str(key.code), "until": live_until}, status=201
    )

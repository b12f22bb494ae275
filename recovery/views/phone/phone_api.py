"""GET /api/phone/: what a phone needs to keep things for one person, each person's apart from everybody else's."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from patients.access import PatientRequest, patient_required
from patients.models import Patient
from patients.phones import person_mark, store_secrets
from patients.templatetags.kypho import phone_words, tel
from recovery.views.phone.envelope import Refused


def phone_api(request: HttpRequest) -> HttpResponseBase:
    """200; 401, 404, 405 as problem+json. Never kept by the browser's own cache."""
    if request.method not in ("GET", "HEAD"):
        refused = Refused(405, "Ask by GET.").response()
        refused["Allow"] = "GET"
        return refused
    if not request.user.is_authenticated:
        return _no_store(Refused(401, "Please sign in. In an emergency call 911.").response())
    try:
        return _no_store(_signed_in(request))
    except Http404:
        return _no_store(Refused(404, "Nobody's recovery is linked to you.").response())


phone_api.access = ("patient", ())  # type: ignore[attr-defined]


def _no_store(response: Any) -> HttpResponse:
    response["Cache-Control"] = "no-store, private"
    return response


@patient_required
def _signed_in(request: PatientRequest) -> HttpResponseBase:
    """Who this is, whom they may log for, and what opens their things on this phone."""
    own = next((person for person in request.people if person.user_id == request.user.pk), None)
    body = {
        "person": person_mark(request.user),
        "name": (own.first_name if own else request.user.first_name) or "Somebody",
        "people": {str(person.code): _whom(person) for person in request.people},
        "secrets": store_secrets(request.user),
    }
    return JsonResponse(body)


def _whom(patient: Patient) -> dict[str, str]:
    """A first name, and the number to call about this person."""
    number = patient.clinic.phone
    return {"name": patient.first_name, "call": phone_words(number), "tel": tel(number)}

"""POST /api/sealed-logs/: an urgent log from a phone, without a sign-in.

The request needs no session; the phone proves itself by its signature over everything it posts. The answer holds
only the log's id and the envelope's hash. Sending twice is harmless, and no rate limit applies.
"""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from alerts.clock import db_now
from patients.vault.phone_seal import is_signed
from recovery.forms.log_json import Refused, as_uuid, read_body
from recovery.logs import phone_keys, sealed
from recovery.logs.sealed import Sealed
from recovery.models import PhoneKey, SealedLog
from recovery.phone.log.json_door import answered

# Bytes: a log of 64 KB, encrypted and encoded in base64 twice.
LONGEST = 160 * 1024
SIGNED_FOR = "kypho sealed log 1"
FIELDS = ("key", "id", "about", "envelope", "signature")
# The same answer for an unknown, ended or expired key and for a wrong signature.
NOT_ALLOWED = _("This phone may not send. Please sign in. In an emergency call 911.")


@csrf_exempt
def sealed_api(request: HttpRequest) -> HttpResponseBase:
    """201 opened and stored as a log, 200 opened before, 202 kept but no log yet; 400, 403, 405, 413, 415."""
    return answered(request, ("POST",), "Send one envelope by POST.", _take)


sealed_api.access = None  # type: ignore[attr-defined]


def _take(request: HttpRequest) -> JsonResponse:
    body = read_body(request, LONGEST)
    code, client_id, about = (as_uuid(body.get(name)) for name in ("key", "id", "about"))
    texts = all(isinstance(body.get(name), str) for name in FIELDS)
    if not texts or code is None or client_id is None or about is None or not _storable(body["envelope"]):
        raise Refused(400, "This is not an envelope.")
    now = db_now()
    key = phone_keys.live(now).select_related("user").filter(code=code).first()
    if key is None or not _signed_by(key, body):
        raise Refused(403, NOT_ALLOWED)
    row, created = sealed.take(key, Sealed(client_id, about, body["envelope"]), now)
    return JsonResponse({"id": body["id"], "hash": row.digest}, status=_status(row, created))


def _signed_by(key: PhoneKey, body: dict[str, Any]) -> bool:
    message = "\n".join((SIGNED_FOR, body["key"], body["id"], body["about"], body["envelope"]))
    return is_signed(message, body["signature"], key.public_key)


def _storable(text: str) -> bool:
    """Return whether the text can be an envelope: printable ASCII only."""
    return text.isascii() and text.isprintable()


def _status(row: SealedLog, created: bool) -> int:
    if row.state != SealedLog.State.OPENED:
        return 202
    return 201 if created else 200

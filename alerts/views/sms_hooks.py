"""/hooks/sms/status/: receipts of the SMS provider for our messages.

Only receipts with its signature count. A receipt never answers an alert.
"""

import hmac
import logging
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from alerts.clock import db_now
from alerts.messaging.channels import NoTexts, OptedOut, PermanentFailure
from alerts.messaging.channels.twilio import failure, signature
from alerts.messaging.receipts import record_receipt
from alerts.messaging.unreachable_staff import note_no_texts, note_opted_out
from alerts.models import Delivery

MOST_BYTES = 16 * 1024
FORM = "application/x-www-form-urlencoded"
State = Delivery.State
# The provider's states of a message. The states before "sent" tell us nothing new.
STATES = {
    "accepted": State.SENT,
    "scheduled": State.SENT,
    "queued": State.SENT,
    "sending": State.SENT,
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.DELIVERED,
    "failed": State.DEAD,
    "undelivered": State.DEAD,
    "canceled": State.DEAD,
}
View = Callable[..., HttpResponse]
log_lines = logging.getLogger(__name__)


def signed(view: View) -> View:
    """A decorator: accept only a small form with the provider's signature over this address and every field."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def checked(request: HttpRequest, **parts: str) -> HttpResponse:
        if not settings.SMS_TOKEN:
            raise Http404
        if not (request.META.get("CONTENT_LENGTH") or "").isdigit():
            return HttpResponse(status=411)
        if int(request.META["CONTENT_LENGTH"]) > MOST_BYTES:
            return HttpResponse(status=413)
        if request.content_type != FORM:
            return HttpResponse(status=415)
        # The address that the provider called; a proxy may have changed the one in the request.
        url = settings.BASE_URL + request.get_full_path()
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
        expected = signature(url, fields, settings.SMS_TOKEN)
        if not hmac.compare_digest(expected.encode(), request.headers.get("X-Twilio-Signature", "").encode()):
            log_lines.warning("a callback without the provider's signature was refused")
            return HttpResponse(status=403)
        return view(request, **parts)

    return checked


@signed
def sms_status(request: HttpRequest) -> HttpResponse:
    """Record a receipt. An unknown state, an unknown message or an outdated receipt changes nothing."""
    state = STATES.get(request.POST.get("MessageStatus", "").lower())
    if state is None:
        return HttpResponse(status=204)
    number = request.POST.get("ErrorCode", "")
    code = int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 0
    now, failed = db_now(), failure(code) if state == State.DEAD else None
    row = record_receipt(
        channel="sms",
        provider_id=plain_word(request.POST.get("MessageSid", ""), 120),
        state=state,
        now=now,
        key=plain_word(request.GET.get("key", ""), 160),
        error=str(failed or ""),
        theirs=isinstance(failed, PermanentFailure),
    )
    if row and isinstance(failed, OptedOut):
        note_opted_out(row, now)
    if row and isinstance(failed, NoTexts):
        note_no_texts(row, now)
    return HttpResponse(status=204)


def plain_word(value: str, most: int) -> str:
    """The value when it is printable and at most this long; otherwise an empty text."""
    return value if len(value) <= most and value.isprintable() else ""

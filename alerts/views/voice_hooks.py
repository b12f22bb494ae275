"""/hooks/voice/status/: how a call ended, as the provider reports it with its signature."""

from django.http import HttpRequest, HttpResponse

from alerts.clock import db_now
from alerts.messaging.receipts import NO_ANSWER, record_receipt
from alerts.models import Delivery
from alerts.views.sms_hooks import plain_word, signed

State = Delivery.State
# A machine that picks up completes a call too: only a log says that somebody answered.
ENDS = {
    "completed": State.DELIVERED,
    "busy": State.DEAD,
    "no-answer": State.DEAD,
    "failed": State.DEAD,
    "canceled": State.DEAD,
}
NOT_MADE = "the call could not be made"


@signed
def voice_status(request: HttpRequest) -> HttpResponse:
    """Record how the call ended; states before its end tell us nothing new."""
    said = request.POST.get("CallStatus", "").lower()
    if state := ENDS.get(said):
        record_receipt(
            channel="call",
            provider_id=plain_word(request.POST.get("CallSid", ""), 120),
            state=state,
            now=db_now(),
            key=plain_word(request.GET.get("key", ""), 160),
            error={"busy": NO_ANSWER, "no-answer": NO_ANSWER}.get(said, "" if said == "completed" else NOT_MADE),
        )
    return HttpResponse(status=204)

"""/hooks/voice/status/: how a call ended, as the provider reports it with its signature."""

from django.http import HttpRequest, HttpResponse

from alerts.clock import db_now
from alerts.lifecycle.staff_calls import on_the_line
from alerts.messaging.call_ends import record_end
from alerts.messaging.receipts import NO_ANSWER, record_receipt
from alerts.models import Delivery
from alerts.views.sms_hooks import plain_word, signed

State, End = Delivery.State, Delivery.CallEnd
# A machine that picks up completes a call too: only a log says that somebody answered.
ENDS = {
    "completed": State.DELIVERED,
    "busy": State.DEAD,
    "no-answer": State.DEAD,
    "failed": State.DEAD,
    "canceled": State.DEAD,
}
NOT_MADE = "the call could not be made"
# The same for a call to staff, where only a key says that a person heard it.
STAFF_ENDS = {
    "completed": End.NO_KEY,
    "busy": End.BUSY,
    "no-answer": End.NO_ANSWER,
    "failed": End.FAILED,
    "canceled": End.FAILED,
}
# What the provider heard at the other end, when a call asks it to listen first.
MACHINES = ("machine", "fax")


@signed
def voice_status(request: HttpRequest) -> HttpResponse:
    """Record how the call ended; states before its end tell us nothing new."""
    said = request.POST.get("CallStatus", "").lower()
    call, key = plain_word(request.POST.get("CallSid", ""), 120), plain_word(request.GET.get("key", ""), 160)
    now = db_now()
    if call and said in STAFF_ENDS and (row := on_the_line(key, now)):
        end = End.VOICEMAIL if said == "completed" and is_machine(request) else STAFF_ENDS[said]
        record_end(row, end, now, provider_id=call)
    elif state := ENDS.get(said):
        record_receipt(
            channel="call",
            provider_id=call,
            state=state,
            now=now,
            key=key,
            error={"busy": NO_ANSWER, "no-answer": NO_ANSWER}.get(said, "" if said == "completed" else NOT_MADE),
        )
    return HttpResponse(status=204)


def is_machine(request: HttpRequest) -> bool:
    """Did a voicemail or a fax pick up, as far as the provider can tell?"""
    return request.POST.get("AnsweredBy", "").lower().startswith(MACHINES)

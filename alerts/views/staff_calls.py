"""/hooks/voice/staff/: what a call to staff says and does next. Only requests the provider signed are accepted."""

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse

from alerts.clock import db_now
from alerts.lifecycle.staff_calls import Spoken, on_the_line, picked_up, pressed
from alerts.messaging.call_ends import record_end
from alerts.messaging.channels.voice import STAFF_PAGE
from alerts.models import Delivery
from alerts.views.sms_hooks import plain_word, signed
from alerts.views.spoken_answers import ask, end
from alerts.views.voice_hooks import is_machine

VOICE = "en-US"


@signed
def staff_call(request: HttpRequest) -> HttpResponse:
    """Say who calls, or take the key that was pressed. A machine hears nothing."""
    key, said = plain_word(request.GET.get("key", ""), 160), _times_said(request)
    if not request.POST.get("CallSid") or not key:
        return HttpResponse(status=400)
    now = db_now()
    row = on_the_line(key, now)
    if row is None:
        return end([], VOICE)
    if is_machine(request):
        record_end(row, Delivery.CallEnd.VOICEMAIL, now)
        return end([], VOICE)
    if not said:
        return _answer(picked_up(row, now), key, 1)
    return _answer(pressed(row, plain_word(request.POST.get("Digits", ""), 4), said, now), key, said + 1)


def _answer(said: Spoken, key: str, times: int) -> HttpResponse:
    address = f"{STAFF_PAGE}?key={quote(key, safe='')}&said={times}"
    return ask(said.sentences, address, VOICE) if said.waits else end(said.sentences, VOICE)


def _times_said(request: HttpRequest) -> int:
    """How often this call has said the same; 0 when it was picked up just now."""
    number = request.GET.get("said", "")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 3 else 0

"""/hooks/sms/reply/: a text message to our number arrived. Only requests the provider signed are accepted."""

from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse

from alerts.clock import db_now
from alerts.views.sms_hooks import plain_word, signed
from recovery.logs.texts import take_text


@signed
def sms_reply(request: HttpRequest) -> HttpResponse:
    """Take the message and answer in the provider's XML; an empty answer sends no text."""
    name = plain_word(request.POST.get("MessageSid", ""), 64)
    if not name:
        return HttpResponse(status=400)
    answer = take_text(
        provider_id=name,
        number=plain_word(request.POST.get("From", ""), 20),
        text=request.POST.get("Body", ""),
        now=db_now(),
        opt_out=plain_word(request.POST.get("OptOutType", ""), 10),
    )
    message = f"<Message>{escape(answer)}</Message>" if answer else ""
    xml = f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'
    return HttpResponse(xml, content_type="text/xml; charset=utf-8")

"""/hooks/voice/STEP/: what an automatic call says and does next. Only requests the provider signed are accepted.

hello, then the questions of recovery.logs.calls. An address names the step and the row of the call, no answer.
"""

from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language, override

from alerts.clock import db_now
from alerts.views import spoken_answers
from alerts.views.sms_hooks import plain_word, signed
from patients.models import Patient
from patients.selectors.languages import language_of
from patients.selectors.people import open_procedure
from patients.values.languages import ENGLISH
from recovery.forms.show_when import Asked, asked_of
from recovery.logs.calls import QUESTIONS, STEPS, next_step, take_key, tier_so_far, whom
from recovery.phone import call_words

HELLO = "hello"


@signed
def voice_step(request: HttpRequest, step: str) -> HttpResponse:
    """Say a step, or take the key that was pressed at it and say the next one."""
    if step != HELLO and step not in QUESTIONS:
        raise Http404
    call = plain_word(request.POST.get("CallSid", ""), 64)
    key = plain_word(request.GET.get("key", ""), 160)
    if not call or not key:
        return HttpResponse(status=400)
    patient = whom(key, db_now())
    if patient is None:
        return spoken_answers.end([], "")
    with override(language_of(patient.user)):
        talk = _Talk(patient, call, key, again="again" in request.GET)
        pressed = plain_word(request.POST.get("Digits", ""), 4) if "asked" in request.GET else None
        return talk.ask(step) if pressed is None else talk.answer(step, pressed)


class _Talk:
    """One call with one patient. Each method returns what the provider does next."""

    def __init__(self, patient: Patient, call: str, key: str, *, again: bool) -> None:
        self.patient, self.call, self.key, self.again = patient, call, key, again
        self.phone = call_words.spoken(patient.clinic.phone.as_national)

    def ask(self, step: str, *, again: bool = False) -> HttpResponse:
        """Say the step and wait for one key; the provider then posts the key, or none, to the same step."""
        words = [str(call_words.NOT_HEARD)] if again else []
        address = f"/hooks/voice/{step}/?key={quote(self.key, safe='')}&asked=1{'&again=1' if again else ''}"
        return spoken_answers.ask([*words, *self._words(step)], address, _voice())

    def answer(self, step: str, pressed: str) -> HttpResponse:
        """Take a key: go on, ask the same once more, or end the call."""
        if step == HELLO:
            return self.ask(STEPS[0]) if pressed == "1" else self._once_more(HELLO)
        tier = take_key(patient=self.patient, call=self.call, step=step, key=pressed, now=db_now())
        if tier is None:
            return self._once_more(step)
        following = next_step(step, tier)
        return self.ask(following) if following else self._end(tier)

    def _once_more(self, step: str) -> HttpResponse:
        if not self.again:
            return self.ask(step, again=True)
        return self._end(tier_so_far(self.patient, self.call, step) if step != HELLO else "")

    def _end(self, tier: str) -> HttpResponse:
        """Say what to do. Without any answer only the clinic's number: perhaps a machine listens."""
        words = call_words.end(tier, self.phone) if tier else str(call_words.PLEASE_CALL).format(phone=self.phone)
        return spoken_answers.end([words], _voice())

    def _words(self, step: str) -> list[str]:
        if step == HELLO:
            return [str(call_words.HELLO).format(name=self.patient.first_name)]
        if step == STEPS[0]:
            return [str(call_words.HOW)]
        procedure = open_procedure(self.patient)
        asked = asked_of(procedure, None, False, db_now()) if procedure else Asked()
        had_before = bool(procedure and procedure.baseline_symptoms)
        return call_words.gate(QUESTIONS[step].field, asked, had_before=had_before)


def _voice() -> str:
    return call_words.voice(get_language() or ENGLISH)

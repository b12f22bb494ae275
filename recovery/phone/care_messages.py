"""/messages/: what the care team wrote, and the answer to it, which is a log with a note like any other."""

import uuid

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from alerts.clock import db_now
from patients.access import PatientRequest, helped, needs
from patients.models import Procedure
from patients.permissions import ROLE_WORDS, Permission, Who
from patients.sign_in import kept_forms
from patients.values.typed_text import clean
from recovery.journey.care_messages import mark_read
from recovery.logs.check import TooMany
from recovery.logs.read import procedure_to_log_for, read_log
from recovery.logs.submit import submit_log
from recovery.models import CareMessage, DailyLog
from recovery.phone.log import sending, unsent
from recovery.selectors.care_messages import messages_to

# More than any question's bound: what is beyond it is kept beside the answers, and read by the rules too.
MOST_LETTERS = 4000
OTHER_PERSON = _("This was begun for another person. Look at the name above. If it is right, press Send again.")
CLOSED = _("Your clinic no longer watches this recovery, so this was not sent. Please call your clinic.")
MAY_NOT = _("You may read here, but not send. Please call the clinic.")
TOO_MANY = _(
    "Your clinic has very many logs from the last hour, so this was not sent. It is still here. Send it again in a"
    " while. If you feel worse, do not wait: call."
)


class AnswerForm(forms.Form):
    """The answer in the sender's words. about: the patient whose page it was typed on."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    about = forms.UUIDField(widget=forms.HiddenInput)
    notes = forms.CharField(
        label=_("Your answer"),
        max_length=MOST_LETTERS,
        widget=forms.Textarea(attrs={"rows": 4, "class": "typed"}),
        error_messages={
            "required": _("Write your answer first, or go back to Today."),
            "max_length": _("This is too long to send at once. Please make it shorter, or call us."),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def care_messages(request: HttpRequest) -> HttpResponseBase:
    """Show the messages; POST sends an answer. An answer sent while signed out is kept until the next sign-in."""
    if request.method == "POST" and not request.user.is_authenticated:
        return unsent.keep(request)
    return signed_in(request)


care_messages.access = Permission.READ_MESSAGES  # type: ignore[attr-defined]


@needs(Permission.READ_MESSAGES)
def signed_in(request: PatientRequest) -> HttpResponse:
    """Show the messages and record who opened them, or submit an answer and go to its advice."""
    if request.method != "POST" and sending.must_choose(request):
        return redirect("recovery:today")
    # Stored times come from the database, because this machine's clock may be wrong.
    now = db_now()
    procedure = procedure_to_log_for(request.patient, now)
    found = messages_to(request.patient)
    form = _form(request)
    if request.method == "POST":
        sent = _send(request, form, procedure)
        if sent:
            kept_forms.drop(request, str(request.patient.code), request.path)
            return redirect("recovery:advice", code=sent.code)
    elif _opened(request):
        mark_read(found, user=request.user, now=now)
    page = {
        "written": [(one, _writer(request, one)) for one in found],
        "form": form,
        "may_answer": procedure is not None and sending.may_log(request),
        "helped": helped(request),
        "zone": request.patient.timezone,
    }
    return render(
        request, "recovery/phone/care_messages.html", page, status=422 if request.method == "POST" else 200
    )


def _form(request: PatientRequest) -> AnswerForm:
    """Return the sent form, else an empty one, or one with what was written while signed out."""
    if request.method == "POST":
        return AnswerForm(request.POST)
    code = str(request.patient.code)
    kept = kept_forms.look(request, code, request.path)
    begun = {"client_id": str(uuid.uuid4()), "about": code}
    return AnswerForm(initial={**begun, **(kept.dict() if kept else {})})


def _opened(request: PatientRequest) -> bool:
    """Return whether a person opened the page; a browser that only fetches it ahead has read nothing."""
    return request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", "")


def _writer(request: PatientRequest, message: CareMessage) -> str:
    words = ROLE_WORDS[Who(message.sent_by.role)]
    return str(words.to_helper if request.helper else words.to_patient).format(name=message.sent_by.name)


def _send(request: PatientRequest, form: AnswerForm, procedure: Procedure | None) -> DailyLog | None:
    """Submit the answer as a log; returns None, with an error on the form, when that is not possible."""
    if not form.is_valid():
        return None
    typed = form.cleaned_data
    if typed["about"] != request.patient.code:
        form.data = {**form.data.dict(), "about": str(request.patient.code)}  # type: ignore[attr-defined]
        form.add_error(None, OTHER_PERSON)
        return None
    if procedure is None or not sending.may_log(request):
        form.add_error(None, MAY_NOT if procedure else CLOSED)
        return None
    now = db_now()
    # Partial, as words by text are: it closes no sign that it does not mention.
    log = read_log(
        answers={"notes": clean(typed["notes"]).strip()},
        client_id=typed["client_id"],
        answered_at=now,
        partial=True,
        **sending.sender(request, procedure, now, sending.WEB),
    )
    try:
        return submit_log(log, may_wait=True).log
    except TooMany:
        form.add_error(None, TOO_MANY)
        return None

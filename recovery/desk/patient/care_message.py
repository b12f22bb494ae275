"""/desk/patients/CODE/messages/: staff write to a patient, who reads it in the app."""

import uuid
from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from alerts.clock import db_now
from patients.access import StaffRequest, needs, patient_or_404
from patients.access import record as record_look
from patients.models import Patient
from patients.permissions import Permission
from patients.selectors.languages import language_of
from patients.services.errors import NotPossible
from patients.sign_in.kept_forms import keeps_form, typed_or_kept
from patients.templatetags.kypho import phone_words
from patients.values.languages import CODES, ENGLISH, LANGUAGES
from recovery.journey import care_messages
from recovery.models.care_message import MOST_LETTERS
from recovery.selectors.care_messages import with_messages, written_to
from recovery.wording.care_message_texts import BY_KEY, READY_TEXTS

READY = "ready"
SENT = "Sent. The patient reads it in the app; the chart says when."


class CareMessageForm(forms.Form):
    """What to write, and in which language it is."""

    once = forms.CharField(max_length=36, widget=forms.HiddenInput)
    text = forms.CharField(
        label="What you write",
        max_length=MOST_LETTERS,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "required": "Write what the patient should read.",
            "max_length": "This is too long for one message. Shorten it to %(limit_value)d letters; it has"
            " %(show_value)d.",
        },
    )
    language = forms.ChoiceField(label="It is written in", choices=LANGUAGES)


@keeps_form(READY)
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.WRITE_MESSAGES)
def care_message(request: StaffRequest, code: UUID) -> HttpResponse:
    """Show the form with earlier messages, put a ready text into it, or send it."""
    patient = patient_or_404(request, code, action="opened the messages", with_more=with_messages)
    now, typed = db_now(), typed_or_kept(request)
    if request.method == "POST" and READY in request.POST:
        return _page(request, patient, _with_ready_text(request, patient), now)
    begun = {"once": str(uuid.uuid4()), "language": language_of(patient.user)}
    form = CareMessageForm(typed, initial=begun)
    if request.method == "POST" and form.is_valid():
        try:
            care_messages.write(staff=request.staff, patient=patient, now=now, **form.cleaned_data)
        except NotPossible as error:
            form.add_error(None, error.text)
        else:
            record_look(request, patient, action="wrote a message")
            _say_sent(request, patient)
            return redirect("recovery:chart", code=patient.code)
    status = 422 if request.method == "POST" else 200
    return _page(request, patient, form, now, status)


def _say_sent(request: StaffRequest, patient: Patient) -> None:
    """Say that it is sent, and whether anything tells the patient so."""
    if why := care_messages.why_no_notice(patient):
        messages.warning(request, f"Stored. {care_messages.WAITS_IN_THE_APP.format(why=why)}")
    else:
        messages.success(request, SENT)


def _with_ready_text(request: StaffRequest, patient: Patient) -> CareMessageForm:
    """Return the form with a ready text in it; what somebody typed stays above it."""
    typed, phone = request.POST, phone_words(patient.clinic.phone)
    asked = typed.get("language", "")
    language = asked if asked in CODES else ENGLISH
    chosen, words = BY_KEY.get(typed[READY]), typed.get("text", "").strip()
    if chosen:
        known = {text.in_language(one, phone) for text in READY_TEXTS for one in CODES}
        kept = [] if words in known else [words] if words else []
        words = "\n\n".join([*kept, chosen.in_language(language, phone)])
    begun = {"once": typed.get("once", "") or str(uuid.uuid4()), "text": words, "language": language}
    return CareMessageForm(initial=begun)


def _page(
    request: StaffRequest, patient: Patient, form: CareMessageForm, now: datetime, status: int = 200
) -> HttpResponse:
    why = care_messages.why_no_notice(patient)
    page = {
        "patient": patient,
        "age": patient.age_on(now.date()),
        "zone": request.staff.clinic.timezone,
        "form": form,
        "ready": READY_TEXTS,
        "written": written_to(patient),
        "warning": care_messages.WAITS_IN_THE_APP.format(why=why) if why else "",
        "helpers": care_messages.helpers_told(patient, now),
    }
    return render(request, "recovery/desk/care_message.html", page, status=status)

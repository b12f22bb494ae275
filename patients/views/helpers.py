"""The pages for a patient's helpers: the clinic's and the patient's own, with the same cards and form."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from patients.access import PatientRequest, StaffRequest, needs, patient_or_404
from patients.forms.helpers import HelperForm, RightsForm, StaffHelperForm
from patients.models import Caregiver, HelperTurn, Patient
from patients.permissions import Permission
from patients.selectors.people import live_helpers
from patients.selectors.reach import Reach, of_helpers
from patients.selectors.turns import turns_now
from patients.services.errors import NotPossible
from patients.services.helpers import add_helper, change_rights, remove_helper
from patients.sign_in.kept_forms import keeps_form, typed_or_kept

GONE = _("This helper is gone already.")
Typed = QueryDict | None


@dataclass
class HelperCard:
    """One helper, the form for their rights, and how messages reach them."""

    helper: Caregiver
    form: RightsForm
    way: Reach
    # To whom they handed their job for a time.
    turn: HelperTurn | None


@keeps_form("remove")
@require_http_methods(["GET", "POST"])
@needs(Permission.CHANGE_HELPERS)
def caregivers(request: StaffRequest, code: UUID) -> HttpResponse:
    """Let staff add, change or remove a patient's helper."""
    patient = patient_or_404(request, code, action="opened the helpers")
    return _helpers(request, patient, typed_or_kept(request), "patients/caregivers.html", StaffHelperForm)


@require_http_methods(["GET", "POST"])
@needs(Permission.CHOOSE_HELPERS)
def my_helpers(request: PatientRequest) -> HttpResponse:
    """Let patients add, change or remove their own helpers; helpers may not."""
    typed = request.POST if request.method == "POST" else None
    return _helpers(request, request.patient, typed, "patients/my_helpers.html", HelperForm)


def _helpers(request: Any, patient: Patient, typed: Typed, template: str, kind: type[HelperForm]) -> HttpResponse:
    now, sent = timezone.now(), request.method == "POST"
    about = typed.get("helper", "") if typed is not None else ""
    form = kind(None if about else typed, zone=patient.timezone, now=now)
    if sent and form.is_valid() and _add(request, patient, form, now):
        return redirect(request.path)
    cards = _cards(patient, typed, now)
    card = next((card for card in cards if str(card.helper.pk) == about), None)
    if about and card is None:
        messages.error(request, GONE)
        return redirect(request.path)
    if card and sent and _change(request, patient, card, now):
        return redirect(request.path)
    page = {"patient": patient, "cards": cards, "form": form, "typed": card.form if card else form}
    return render(request, template, page, status=422 if sent else 200)


def _cards(patient: Patient, typed: Typed, now: datetime) -> list[HelperCard]:
    helpers = of_helpers(live_helpers(patient.pk, now))
    turns = {turn.giver_id: turn for turn in turns_now(patient.pk, now)}
    return [HelperCard(one, _rights(patient, one, typed, now), way, turns.get(one.pk)) for one, way in helpers]


def _rights(patient: Patient, helper: Caregiver, typed: Typed, now: datetime) -> RightsForm:
    """Return the form of a helper's rights, with the typed data only if it is about this helper."""
    about = typed is not None and typed.get("helper") == str(helper.pk) and "remove" not in typed
    return RightsForm(
        typed if about else None,
        initial=RightsForm.held_by(helper, patient.timezone),
        zone=patient.timezone,
        now=now,
        auto_id=f"helper_{helper.pk}_%s",
    )


def _change(request: Any, patient: Patient, card: HelperCard, now: datetime) -> bool:
    """Remove the helper or set their rights; returns False when the form is not valid."""
    who: dict[str, Any] = {"patient": patient, "actor": request.user, "helper": card.helper, "now": now}
    if "remove" in request.POST:
        done, words = remove_helper(**who), _("{name} is removed and sees nothing any more.")
    elif card.form.is_valid():
        done, words = change_rights(**who, **card.form.rights()), _("{name} is changed.")
    else:
        return False
    if done:
        messages.success(request, words.format(name=card.helper.relationship or _("This helper")))
    else:
        messages.error(request, GONE)
    return True


def _add(request: Any, patient: Patient, form: HelperForm, now: datetime) -> bool:
    try:
        add_helper(patient=patient, actor=request.user, now=now, **form.person())
    except NotPossible as error:
        form.add_error(error.field or None, error.text)
        return False
    site = settings.BASE_URL.split("://")[-1]
    name, address = form.cleaned_data["name"], form.cleaned_data["address"]
    told = _("Tell {name} to open {site} and to sign in with {address}.")
    messages.success(request, told.format(name=name, site=site, address=address))
    return True

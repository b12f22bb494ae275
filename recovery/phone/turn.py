"""/my/turn/: a helper hands their job to another helper for a time, and sees whose turn it is."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from patients.access import PatientRequest, needs
from patients.permissions import Permission
from patients.selectors.turns import turns_of
from patients.services.errors import NotPossible
from patients.values.row_numbers import row_number
from recovery.forms.turn import TurnForm
from recovery.journey.turns import end_turn, hand_over, may_take


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.HAND_OVER_HELP)
def turn(request: PatientRequest) -> HttpResponse:
    """Show the turns of this helper, and begin or end one; giver and taker may both end it."""
    now, helper = timezone.now(), request.helper
    assert helper
    helper.patient = request.patient
    turns = turns_of(helper, now)
    sent = request.POST if request.method == "POST" else None
    if sent is not None and "end" in sent:
        ended = next((one for one in turns if one.pk == row_number(sent["end"])), None)
        if ended and end_turn(turn=ended, actor=request.user, now=now):
            messages.success(request, _("It is over. Who had the job before has it again."))
        else:
            messages.info(request, _("This was over by then."))
        return redirect("recovery:turn")
    others = may_take(helper, now)
    form = TurnForm(sent, others=others, zone=request.patient.timezone, now=now)
    if sent is not None and form.is_valid():
        try:
            hand_over(
                giver=helper,
                taker_id=form.cleaned_data["taker"],
                due_at=form.due_at(),
                actor=request.user,
                now=now,
            )
        except NotPossible:
            form.add_error("taker", form.fields["taker"].error_messages["invalid_choice"])
        else:
            messages.success(request, _("Handed over. They get the notes now, and we tell you when it ends."))
            return redirect("recovery:turn")
    page = {
        "patient": request.patient,
        "given": [one for one in turns if one.giver_id == helper.pk],
        "taken": [one for one in turns if one.taker_id == helper.pk],
        "others": others,
        "form": form,
        "zone": request.patient.timezone,
    }
    return render(request, "recovery/phone/turn.html", page, status=422 if sent is not None else 200)

"""Every patient of the clinic, by name: find one, open the chart, or enroll another."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alerts.clock import shown_now
from patients import roster as people
from patients import scoping
from patients.access import StaffRequest, staff_required
from patients.forms.roster import RosterForm
from patients.models import Patient
from recovery.selectors.present import Known, presents, with_facts


@dataclass(frozen=True)
class RosterRow:
    """One patient, and how they are now."""

    patient: Patient
    known: Known


@require_safe
@staff_required()
def roster(request: StaffRequest) -> HttpResponse:
    """One page of names. A search that is too long is said so and finds nobody."""
    form, now = RosterForm(request.GET), shown_now()
    form.is_valid()
    words = form.cleaned_data.get("q", "")
    found: list[Patient] = []
    more = None
    if not form.has_error("q"):
        mine = with_facts(scoping.for_staff(request.staff))
        found, more = people.find(mine, words=words, after=form.cleaned_data.get("after"))
    known = presents(found, now)
    page = {
        "form": form,
        "words": words,
        "rows": [RosterRow(patient, known[patient.pk]) for patient in found],
        "more": more,
        "paged": bool(form.cleaned_data.get("after")),
        "zone": request.staff.clinic.timezone,
        "now": now,
    }
    return render(request, "recovery/desk/roster.html", page, status=422 if form.has_error("q") else 200)

"""Every patient of the clinic, by name: find one, open the chart, or enroll another."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from patients import roster as people
from patients.access import StaffRequest, staff_required
from patients.forms.roster import RosterForm


@require_safe
@staff_required()
def roster(request: StaffRequest) -> HttpResponse:
    """One page of names. A search that is too long is said so and finds nobody."""
    form = RosterForm(request.GET)
    form.is_valid()
    words = form.cleaned_data.get("q", "")
    rows, more = (
        ([], None)
        if form.has_error("q")
        else people.find(request.staff, words=words, after=form.cleaned_data.get("after"))
    )
    page = {
        "form": form,
        "words": words,
        "rows": rows,
        "more": more,
        "paged": bool(form.cleaned_data.get("after")),
        "zone": request.staff.clinic.timezone,
        "now": timezone.now(),
    }
    return render(request, "patients/roster.html", page, status=422 if form.has_error("q") else 200)

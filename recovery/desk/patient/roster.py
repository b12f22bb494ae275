"""The list of all patients of the clinic by name: find one, open the chart, or enroll another."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from alerts.clock import shown_now
from patients import scoping
from patients.access import StaffRequest, needs
from patients.forms.roster import PlaceForm, SearchForm
from patients.models import Patient
from patients.permissions import Permission
from patients.selectors import roster as people
from patients.sign_in import limits, searches
from patients.sign_in.kept_forms import keeps_form, typed_or_kept
from recovery.selectors.patient_status import Known, presents, with_facts

SLOW_DOWN = "You looked very often just now. Wait a minute, then press Search again."


@dataclass(frozen=True)
class RosterRow:
    """One patient and how they are now."""

    patient: Patient
    known: Known


@keeps_form()
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SEE_WORKLIST)
def roster(request: StaffRequest) -> HttpResponse:
    """Show one page of names. A search text that is too long gets a message and finds no patient."""
    typed = typed_or_kept(request)
    if typed is None:
        return _list(request)
    form = SearchForm(typed)
    if form.is_valid() and request.method == "POST":
        if not form.cleaned_data["q"]:
            return redirect("recovery:roster")
        key = searches.keep(request, form.cleaned_data["q"])
        return redirect(f"{reverse('recovery:roster')}?s={key}")
    return _page(request, form, status=422 if form.errors else 200)


def _list(request: StaffRequest) -> HttpResponse:
    """Return all patients, or those the search finds, from the end of the page before."""
    place = PlaceForm(request.GET)
    place.is_valid()
    key, after = place.cleaned_data.get("s", ""), place.cleaned_data.get("after")
    words = searches.words_of(request, key) if key else ""
    form = SearchForm(initial={"q": words})
    if words is None:
        return _page(request, form, gone=True)
    if (words or after) and not limits.may(request, "search"):
        form = SearchForm({"q": words})
        form.add_error("q", SLOW_DOWN)
        return _page(request, form, status=429)
    found, more = people.find(with_facts(scoping.for_staff(request.staff)), words=words, after=after)
    return _page(request, form, found, words=words, key=key, more=more, paged=bool(after))


def _page(
    request: StaffRequest, form: SearchForm, found: list[Patient] | None = None, status: int = 200, **more: object
) -> HttpResponse:
    """Render the page. found: None without a search."""
    now = shown_now()
    known = presents(found or [], now)
    page = {
        "form": form,
        "rows": [RosterRow(patient, known[patient.pk]) for patient in found or []],
        "looked": found is not None,
        "zone": request.staff.clinic.timezone,
        "now": now,
        **more,
    }
    return render(request, "recovery/desk/roster.html", page, status=status)

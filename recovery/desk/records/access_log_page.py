"""Who looked at or changed which record: searched by patient, person and days, and exported as CSV."""

from collections.abc import Iterator
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from patients.access import StaffRequest, needs, not_too_often
from patients.permissions import Permission
from patients.sign_in import limits, searches
from patients.sign_in.kept_forms import keeps_form, typed_or_kept
from patients.trail import What, note
from recovery.desk.files import csv_file
from recovery.desk.records.access_log_form import AccessPlaceForm, AccessSearchForm, asked_again
from recovery.desk.records.access_log_query import FILE_ROWS, Look, all_looks, page_of_looks

SLOW_DOWN = "You looked very often just now. Wait a minute, then press Search again."
HEAD = ("time", "person", "e-mail", "role now", "patient", "record number", "born", "what", "of what", "request")
CUT = f"Only the newest {FILE_ROWS:,} rows are in this file. Search by days to get the older ones."


@keeps_form()
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SEE_ACCESS_LOG)
def access_log(request: StaffRequest) -> HttpResponse:
    """Show one page of the log. A search with a mistake gets a message, keeps its words and shows nothing."""
    typed = typed_or_kept(request)
    if typed is None:
        return _list(request)
    form = AccessSearchForm(typed)
    if form.is_valid() and request.method == "POST":
        words = form.as_words()
        return redirect(_address(searches.keep(request, words) if words else ""))
    return _page(request, form, status=422 if form.errors else 200)


@require_safe
@needs(Permission.SEE_ACCESS_LOG)
@not_too_often("export")
def access_log_csv(request: StaffRequest) -> HttpResponse:
    """Return what the search finds as CSV; a search no longer kept leads back to the page, which says so."""
    key, _, words = _place(request)
    if words is None:
        return redirect(_address(key))
    form = asked_again(words)
    rows, cut = all_looks(request.staff, form.cleaned_data)
    _note(request, What.EXPORT, "access log", form)
    zone = ZoneInfo(request.staff.clinic.timezone)
    day = timezone.now().astimezone(zone).date()
    return csv_file(f"access-log-{day.isoformat()}", HEAD, _lines(rows, cut, zone))


def _list(request: StaffRequest) -> HttpResponse:
    """Return the newest rows, or those the search finds, from the end of the page before."""
    key, before, words = _place(request)
    if words is None:
        return _page(request, AccessSearchForm(), gone=True)
    form = asked_again(words)
    if not limits.may(request, "search"):
        form.add_error(None, SLOW_DOWN)
        return _page(request, form, status=429)
    rows, more = page_of_looks(request.staff, form.cleaned_data, before)
    _note(request, What.LOG_READ, "access log", form)
    return _page(request, form, rows, key=key, more=more, searched=bool(words), paged=bool(before))


def _place(request: StaffRequest) -> tuple[str, int | None, str | None]:
    """Return the search key, the last row shown, and the kept words: empty without a search, None if gone."""
    place = AccessPlaceForm(request.GET)
    place.is_valid()
    key = place.cleaned_data.get("s", "")
    return key, place.cleaned_data.get("before"), searches.words_of(request, key) if key else ""


def _note(request: StaffRequest, what: What, of: str, form: AccessSearchForm) -> None:
    """Write into the trail that the log was read, and by which fields it was searched, not for whom."""
    by = [name for name, value in form.cleaned_data.items() if value]
    detail = f"{of}, by {', '.join(by)}" if by else of
    note(what, request, user=request.user, clinic=request.staff.clinic, detail=detail)


def _page(
    request: StaffRequest,
    form: AccessSearchForm,
    rows: list[Look] | None = None,
    status: int = 200,
    **more: object,
) -> HttpResponse:
    """Render the page. rows: None when nothing was looked for."""
    zone = request.staff.clinic.timezone
    page = {"form": form, "rows": rows or [], "looked": rows is not None, "zone": zone, **more}
    return render(request, "recovery/desk/records/access_log.html", page, status=status)


def _address(key: str) -> str:
    address = reverse("recovery:access_log")
    return f"{address}?{urlencode({'s': key})}" if key else address


def _lines(rows: list[Look], cut: bool, zone: ZoneInfo) -> Iterator[list[object]]:
    for look in rows:
        event, patient = look.event, look.event.patient
        yield [
            event.at.astimezone(zone).isoformat(timespec="seconds"),
            event.actor.get_full_name(),
            event.actor.email,
            look.role,
            patient.name,
            patient.mrn or "",
            patient.birth_date.isoformat(),
            event.action,
            event.subject,
            event.request_id,
        ]
    if cut:
        yield [CUT]

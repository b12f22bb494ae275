"""The page of a file of patients: what an import would do, corrections, the import, and what came of it."""

import re
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from patients.access import StaffRequest, needs, not_too_often, record_each
from patients.forms.sheet import ImportForm
from patients.importing import sheets
from patients.importing.preview import preview, rows_to_fix
from patients.importing.sheet_file import CELL_MOST
from patients.models import PatientSheet, SheetRow
from patients.permissions import Permission
from patients.printing import pdf_answer
from patients.services.errors import NotPossible
from patients.trail import What, note
from patients.values.row_numbers import row_number
from patients.values.typed_text import clean
from patients.views.card import words_of_card
from patients.views.import_file import sheet_or_404

CARDS_AT_ONCE = 20
FIXED = "These rows were checked again."
CELL = re.compile(r"c(\d{1,7})\.(\w{1,20})")
SHOWN = re.compile(r"r(\d{1,7})")
TICK = re.compile(r"t(\d{1,7})\.(shared|another_person)")


@require_safe
@needs(Permission.IMPORT)
def import_sheet(request: StaffRequest, code: UUID) -> HttpResponse:
    """Show a group of rows, or how far the work is."""
    return _page(request, sheet_or_404(request, code), ImportForm())


def _page(request: StaffRequest, sheet: PatientSheet, form: ImportForm, status: int = 200) -> HttpResponse:
    unused = [name for number, name in enumerate(sheet.header) if number not in sheet.columns.values()]
    page = {
        "sheet": sheet,
        "job": sheet.job,
        "form": form,
        "preview": preview(sheet, request.GET.get("show", ""), _after(request)),
        "rows_total": sheet.rows.count(),
        "unused": unused,
        "used": len(sheet.header) - len(unused),
        "zone": request.staff.clinic.timezone,
    }
    return render(request, "patients/import_sheet.html", page, status=status)


def _after(request: StaffRequest) -> int:
    """Return the number of the last row of the page before, as far as a row can have it."""
    return min(row_number(request.GET.get("after", "")) or 0, 2**31 - 1)


@require_POST
@needs(Permission.IMPORT)
def import_fix(request: StaffRequest, code: UUID) -> HttpResponse:
    """Take corrections of single rows, and check them again."""
    sheet = sheet_or_404(request, code)
    cells: dict[int, dict[str, str]] = {}
    said: dict[int, set[str]] = {}
    for name, value in request.POST.items():
        if match := CELL.fullmatch(name):
            cells.setdefault(int(match[1]), {})[match[2]] = clean(str(value)).strip()[:CELL_MOST]
        # Each row on the page names itself, so that a tick that was taken away counts too.
        if match := SHOWN.fullmatch(name):
            said.setdefault(int(match[1]), set())
        if match := TICK.fullmatch(name):
            said.setdefault(int(match[1]), set()).add(match[2])
    try:
        sheets.correct(sheet, staff=request.staff, cells=cells, said=said, now=timezone.now())
    except NotPossible as error:
        messages.error(request, error.text)
    else:
        messages.success(request, FIXED)
    return redirect(f"{reverse('patients:import_sheet', args=[code])}?show=fix")


@require_POST
@needs(Permission.IMPORT)
@not_too_often("export")
def import_start(request: StaffRequest, code: UUID) -> HttpResponse:
    """Import the rows that are right."""
    sheet = sheet_or_404(request, code)
    form = ImportForm(request.POST)
    agreed = form.is_valid() and form.cleaned_data["all_agreed"]
    now = timezone.now()
    try:
        sheets.start_import(sheet, staff=request.staff, all_agreed=agreed, now=now)
    except NotPossible as error:
        messages.error(request, error.text)
    return redirect("patients:import_sheet", code=code)


@require_POST
@needs(Permission.IMPORT)
def import_forget(request: StaffRequest, code: UUID) -> HttpResponse:
    """Delete the file here; patients who were imported stay."""
    sheet = sheet_or_404(request, code)
    if "sure" not in request.POST:
        return redirect("patients:import_sheet", code=code)
    sheets.forget(sheet, now=timezone.now())
    messages.success(request, "The file is deleted here. Patients who were imported stay.")
    return redirect("patients:import_file")


@require_POST
@needs(Permission.IMPORT)
def import_check(request: StaffRequest, code: UUID) -> HttpResponse:
    """Check all rows anew, after the check was cancelled."""
    sheet = sheet_or_404(request, code)
    try:
        sheets.refuse_imported(sheet)
        sheets.check_anew(sheet, staff=request.staff, now=timezone.now())
    except NotPossible as error:
        messages.error(request, error.text)
    return redirect("patients:import_sheet", code=code)


@require_safe
@needs(Permission.IMPORT)
@not_too_often("export")
def import_cards(request: StaffRequest, code: UUID) -> HttpResponse:
    """Show the sign-in cards of those who were enrolled, to print; CARDS_AT_ONCE of them, or as a PDF file."""
    sheet = sheet_or_404(request, code)
    found = sheet.rows.filter(outcome=SheetRow.Outcome.ENROLLED, number__gt=_after(request))
    rows = list(found.select_related("patient__user", "patient__clinic").order_by("number")[: CARDS_AT_ONCE + 1])
    patients = [row.patient for row in rows[:CARDS_AT_ONCE] if row.patient]
    record_each(request, patients, action="opened the card", subject="after an import")
    shown = [words_of_card(patient) for patient in patients]
    more = rows[CARDS_AT_ONCE - 1].number if len(rows) > CARDS_AT_ONCE else None
    page = {
        "cards": shown,
        "site": shown[0]["site"] if shown else "",
        "language": "en",
        "sheet": sheet,
        "more": more,
    }
    if "pdf" in request.GET:
        return pdf_answer(request, "patients/card_file.html", page, name="cards")
    return render(request, "patients/import_cards.html", page)


@require_safe
@needs(Permission.IMPORT)
@not_too_often("export")
def import_wrong_rows(request: StaffRequest, code: UUID) -> HttpResponse:
    """Return the rows to fix as CSV, to be corrected and chosen again."""
    sheet = sheet_or_404(request, code)
    note(What.EXPORT, request, user=request.user, clinic=request.staff.clinic, detail="rows of a file to fix")
    # The mark lets Excel read accents.
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="rows-to-fix.csv"'
    rows_to_fix(sheet, response)
    return response

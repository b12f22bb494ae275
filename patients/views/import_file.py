"""The pages that take a file of patients and ask which column holds what."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from patients.access import StaffRequest, needs, not_too_often
from patients.forms.sheet import MONTH_DAY, ColumnsForm, SheetFileForm
from patients.importing import sheets
from patients.importing.columns import DAYS, FIELDS, lacking
from patients.importing.reading import in_words
from patients.importing.sheet_file import FILE_BYTES_MOST, TOO_LARGE, NotReadable, read_sheet
from patients.importing.spellings import read_day
from patients.models import Job, PatientSheet
from patients.permissions import Permission
from patients.scoping import rows_of
from patients.services.errors import NotPossible

FILES_SHOWN = 10
EXAMPLE_ROWS = 3


@require_http_methods(["GET", "POST"])
@needs(Permission.IMPORT)
@not_too_often("export")
def import_file(request: StaffRequest) -> HttpResponse:
    """Ask for the file; a file that needs no answers goes straight to the preview."""
    form = SheetFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        form = SheetFileForm(request.POST, request.FILES)
        if form.is_valid() and (sheet := _take_in(request, form)):
            if sheets.needs_answers(sheet):
                return redirect("patients:import_columns", code=sheet.code)
            told: dict[str, Any] = {"columns": sheet.columns, "day_first": {}, "usual_time": None}
            sheets.use_columns(sheet, staff=request.staff, now=timezone.now(), **told)
            return redirect("patients:import_sheet", code=sheet.code)
    mine = rows_of(PatientSheet, clinic=request.staff.clinic_id).select_related("job", "made_by__user")
    page = {
        "form": form,
        "sheets": mine.order_by("-pk")[:FILES_SHOWN],
        "under_way": rows_of(Job, clinic=request.staff.clinic_id).filter(state=Job.State.OPEN).count(),
        "zone": request.staff.clinic.timezone,
    }
    return render(request, "patients/import_file.html", page, status=422 if form.errors else 200)


def _take_in(request: StaffRequest, form: SheetFileForm) -> PatientSheet | None:
    """Store the rows of the file; returns None, with an error on the form, when it cannot be read."""
    file: UploadedFile = form.cleaned_data["file"]
    try:
        if (file.size or 0) > FILE_BYTES_MOST:
            raise NotReadable(TOO_LARGE)
        found = read_sheet(file.read())
    except NotReadable as error:
        form.add_error("file", str(error))
        return None
    name = (file.name or "file")[-120:]
    return sheets.take_in(staff=request.staff, sheet=found, file_name=name, now=timezone.now())


def sheet_or_404(request: StaffRequest, code: UUID) -> PatientSheet:
    """Return a sheet of the clinic, with its job; else raise Http404."""
    mine = rows_of(PatientSheet, clinic=request.staff.clinic_id).filter(code=code)
    sheet = mine.select_related("clinic", "job").first()
    if sheet is None:
        raise Http404
    return sheet


@require_http_methods(["GET", "POST"])
@needs(Permission.IMPORT)
def import_columns(request: StaffRequest, code: UUID) -> HttpResponse:
    """Ask which column holds what, once per clinic and kind of file; the next file with these columns knows."""
    sheet = sheet_or_404(request, code)
    if sheet.confirmed_at is not None:
        return redirect("patients:import_sheet", code=code)
    form = _columns_form(sheet, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            sheets.use_columns(sheet, staff=request.staff, now=timezone.now(), **_chosen(form))
        except NotPossible as error:
            form.add_error(None, error.text)
        else:
            return redirect("patients:import_sheet", code=code)
    page = {"form": form, "sheet": sheet, "choices": _choices(sheet, form), "orders": _orders(form)}
    return render(request, "patients/import_columns.html", page, status=422 if form.errors else 200)


def _columns_form(sheet: PatientSheet, data: Any) -> ColumnsForm:
    def ask(columns: Mapping[str, int]) -> tuple[dict[str, str], bool]:
        asked = {name: order.example for name, order in sheets.orders(sheet, columns).items() if order.asked}
        return asked, sheets.times_are_missing(sheet, columns)

    said = {f"order_{name}": "day" if day_first else "month" for name, day_first in sheet.day_first.items()}
    return ColumnsForm(
        data,
        header=sheet.header,
        fields=[(field.name, field.label) for field in FIELDS],
        days=DAYS,
        columns=sheet.columns,
        ask=ask,
        lacking=lacking,
        initial={"usual_time": sheet.usual_time, **said},
    )


def _chosen(form: ColumnsForm) -> dict[str, Any]:
    said = {name: form.cleaned_data[f"order_{name}"] == "day" for name in form.asked}
    return {"columns": form.chosen, "day_first": said, "usual_time": form.cleaned_data["usual_time"]}


def _choices(sheet: PatientSheet, form: ColumnsForm) -> list[dict[str, Any]]:
    """Return the select of each field with examples from its column."""
    rows = list(sheet.rows.order_by("number").values_list("cells", flat=True)[: 10 * EXAMPLE_ROWS])
    columns = form.chosen if form.is_bound else sheet.columns
    found = []
    for name in form.names:
        column = columns.get(name)
        texts = [cells[column] for cells in rows if cells[column]] if column is not None else []
        found.append({"field": form[f"col_{name}"], "examples": texts[:EXAMPLE_ROWS]})
    return found


def _orders(form: ColumnsForm) -> list[dict[str, Any]]:
    """Return a question for each column of days that has two meanings."""
    label = {field.name: field.label for field in FIELDS}
    found = []
    for name, example in form.asked.items():
        form.fields[f"order_{name}"].widget.choices = [
            (value, f"{_meant(example, value, name)} ({words})") for value, words in MONTH_DAY
        ]
        found.append({"field": form[f"order_{name}"], "example": example, "label": label[name]})
    return found


def _meant(example: str, order: str, name: str) -> str:
    """Return the day that the example means when the column writes days in this order."""
    today = timezone.now().date()
    day = read_day(example, day_first=order == "day", today=today, born=name == "birth_date")
    return in_words(day.isoformat())

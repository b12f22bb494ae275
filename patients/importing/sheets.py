"""The life of a sheet: read, columns chosen, checked, corrected, imported, forgotten."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from datetime import time as clock_time

from django.db import transaction
from django.urls import reverse

from patients.importing import columns as known_columns
from patients.importing.rows import CHECK, IMPORT, check_rows
from patients.importing.sheet_file import Sheet
from patients.importing.spellings import Order, order_of
from patients.models import Job, PatientSheet, SheetColumns, SheetRow, Staff
from patients.services.errors import NotPossible
from patients.services.jobs import FIRST_SECONDS, JobKind, ask, cancel, step

KEPT = timedelta(days=7)
# Files of a clinic that are kept at once; the oldest goes when another comes.
SHEETS_MOST = 20
# Rows that are checked again at once after a correction elsewhere in the file.
RECHECKED_MOST = 100
IMPORTED = "This file was imported already. To import more, choose it again: nobody is enrolled twice."
NOT_CHECKED = "The rows are still being checked. Wait a moment, then press Import again."


def take_in(*, staff: Staff, sheet: Sheet, file_name: str, now: datetime) -> PatientSheet:
    """Store the rows of a file; about patients nothing is stored yet."""
    remembered = SheetColumns.objects.filter(clinic=staff.clinic).first()
    found = known_columns.guess(sheet.header, remembered.fields if remembered else {})
    with transaction.atomic():
        stored = PatientSheet.objects.create(
            clinic=staff.clinic,
            made_by=staff,
            made_at=now,
            file_name=file_name,
            header=sheet.header,
            columns=found,
        )
        SheetRow.objects.bulk_create(
            [
                SheetRow(clinic=staff.clinic, sheet=stored, number=line.number, cells=line.cells)
                for line in sheet.lines
            ],
            batch_size=1000,
        )
        _forget_beyond(stored)
    return stored


def _forget_beyond(newest: PatientSheet) -> None:
    """Delete the clinic's oldest files, but none that is being imported."""
    kept = PatientSheet.objects.filter(clinic=newest.clinic).order_by("-pk").values_list("pk", flat=True)
    old = PatientSheet.objects.filter(pk__in=list(kept[SHEETS_MOST : SHEETS_MOST + 100]))
    old.exclude(job__ended_at__isnull=True, job__isnull=False).delete()


def orders(sheet: PatientSheet, columns: Mapping[str, int]) -> dict[str, Order]:
    """Return how each column with days writes them, as far as its cells tell."""
    cells = sheet.rows.values_list("cells", flat=True)
    days = {name: column for name, column in columns.items() if name in known_columns.DAYS}
    rows = list(cells) if days else []
    return {name: order_of(row[column] for row in rows) for name, column in days.items()}


def times_are_missing(sheet: PatientSheet, columns: Mapping[str, int]) -> bool:
    """Return whether the file tells no time of day for the end of some procedure."""
    from_day, own = columns.get("ended_on"), columns.get("ended_time")
    if from_day is None:
        return False
    rows = sheet.rows.values_list("cells", flat=True)
    return any(row[from_day] and ":" not in row[from_day] and not (own is not None and row[own]) for row in rows)


def needs_answers(sheet: PatientSheet) -> bool:
    """Return whether staff must choose columns, or say how days are meant, before the rows can be checked."""
    return bool(
        known_columns.lacking(sheet.columns)
        or any(order.asked for order in orders(sheet, sheet.columns).values())
        or times_are_missing(sheet, sheet.columns)
    )


def use_columns(
    sheet: PatientSheet,
    *,
    staff: Staff,
    columns: Mapping[str, int],
    day_first: Mapping[str, bool],
    usual_time: clock_time | None,
    now: datetime,
) -> None:
    """Store which column holds what, remember it for the clinic, and check all rows anew.

    day_first: what staff said of columns whose cells do not tell; the others go by their cells.
    """
    refuse_imported(sheet)
    found = orders(sheet, columns)
    sheet.columns, sheet.usual_time = dict(columns), usual_time
    sheet.day_first = {
        name: day_first.get(name, False) if order.asked else order.day_first for name, order in found.items()
    }
    with transaction.atomic():
        sheet.save(update_fields=["columns", "day_first", "usual_time"])
        newly = known_columns.to_remember(sheet.header, sheet.columns)
        kept = SheetColumns.objects.select_for_update().filter(clinic=staff.clinic).first()
        # The newest choices count, and the list stays small.
        fields = dict(list({**(kept.fields if kept else {}), **newly}.items())[-300:])
        SheetColumns.objects.update_or_create(clinic=staff.clinic, defaults={"fields": fields})
    check_anew(sheet, staff=staff, now=now)


def check_anew(sheet: PatientSheet, *, staff: Staff, now: datetime) -> None:
    """Check all rows: those of a small file at once, the rest by the sweep."""
    if sheet.job is not None and sheet.job.is_open:
        cancel(job=sheet.job, now=now)
    sheet.rows.update(outcome=SheetRow.Outcome.UNCHECKED)
    _start(sheet, CHECK, staff, now)


def start_import(sheet: PatientSheet, *, staff: Staff, all_agreed: bool, now: datetime) -> None:
    """Import the rows that are right. Raises NotPossible while they are being checked, and after the import."""
    refuse_imported(sheet)
    if sheet.job is not None and sheet.job.is_open:
        raise NotPossible(NOT_CHECKED)
    with transaction.atomic():
        taken = PatientSheet.objects.filter(pk=sheet.pk, confirmed_at__isnull=True)
        if not taken.update(confirmed_at=now, all_agreed=all_agreed):
            raise NotPossible(IMPORTED)
        sheet.confirmed_at, sheet.all_agreed = now, all_agreed
        job = _ask(sheet, IMPORT, staff, now)
    _first_step(job, IMPORT, now)


def refuse_imported(sheet: PatientSheet) -> None:
    """Raise NotPossible when the import was confirmed already."""
    if sheet.confirmed_at is not None:
        raise NotPossible(IMPORTED)


def _start(sheet: PatientSheet, kind: JobKind, staff: Staff, now: datetime) -> None:
    _first_step(_ask(sheet, kind, staff, now), kind, now)


def _ask(sheet: PatientSheet, kind: JobKind, staff: Staff, now: datetime) -> Job:
    page = reverse("patients:import_sheet", args=[sheet.code])
    job = ask(staff=staff, kind=kind, about=sheet.pk, total=sheet.rows.count(), page=page, now=now)
    PatientSheet.objects.filter(pk=sheet.pk).update(job=job)
    sheet.job = job
    return job


def _first_step(job: Job, kind: JobKind, now: datetime) -> None:
    """Do the first slice now, so that a small file is done when the page opens."""
    until = time.monotonic() + FIRST_SECONDS
    step(job.pk, kind, now, lambda: time.monotonic() > until)


def correct(
    sheet: PatientSheet, *, staff: Staff, cells: Mapping[int, Mapping[str, str]], said: Mapping[int, set[str]],
    now: datetime,
) -> None:  # fmt: skip
    """Write what staff corrected into the rows, and check these rows and all that are wrong once more.

    cells: by the row's number and the field's name; said: of each row, `shared` or `another_person`.
    """
    refuse_imported(sheet)
    wrong = sheet.rows.filter(outcome=SheetRow.Outcome.WRONG)
    # Those that were corrected, and others that may have been wrong only because of them.
    typed = list(wrong.filter(number__in={*cells, *said}))
    others = list(wrong.exclude(pk__in=[row.pk for row in typed])[:RECHECKED_MOST])
    for row in typed:
        for name, text in cells.get(row.number, {}).items():
            if name in sheet.columns:
                row.cells[sheet.columns[name]] = text
        row.shared = "shared" in said.get(row.number, ())
        row.another_person = "another_person" in said.get(row.number, ())
    with transaction.atomic():
        SheetRow.objects.bulk_update(typed, ["cells", "shared", "another_person"])
        check_rows(sheet, sorted([*typed, *others], key=lambda row: row.number), staff, now)


def forget(sheet: PatientSheet, *, now: datetime) -> None:
    """Delete a sheet; what was imported stays. An import that is under way is cancelled."""
    with transaction.atomic():
        if sheet.job is not None:
            cancel(job=sheet.job, now=now)
        sheet.delete()


def forget_old(now: datetime) -> int:
    """Delete the sheets of all clinics that are older than KEPT; returns how many rows went."""
    old = PatientSheet.objects.filter(made_at__lt=now - KEPT)
    return old.exclude(job__ended_at__isnull=True, job__isnull=False).delete()[0]

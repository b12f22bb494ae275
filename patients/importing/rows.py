"""Goes over the rows of a sheet, to check them or to import them: a slice at a time, each row by itself."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from patients.importing.checking import Checked, check, layout_of
from patients.importing.reading import keys_of
from patients.models import Job, PatientSheet, SheetRow, Staff
from patients.permissions import Permission
from patients.services.enrolment import enroll
from patients.services.errors import NotPossible
from patients.services.jobs import JobKind, Slice
from patients.services.records import save_record
from patients.trouble import is_away, place_of

Outcome = SheetRow.Outcome
# Rows that one look takes; a slice with time left looks again.
LOOK_ROWS = 100
NOT_SAVED = "This row could not be saved. Enroll this patient by hand, and tell whoever runs the system."
log_lines = logging.getLogger(__name__)
OneRow = Callable[[SheetRow, Checked, PatientSheet, Staff, datetime], None]


def check_rows(
    sheet: PatientSheet,
    rows: list[SheetRow],
    staff: Staff,
    now: datetime,
    enough: Callable[[], bool] = lambda: False,
) -> int:
    """Check these rows, in the order of the file, and store what was found. Returns how many, one at least."""
    return _each(sheet, rows, staff, now, enough, None)


def _each(
    sheet: PatientSheet,
    rows: list[SheetRow],
    staff: Staff,
    now: datetime,
    enough: Callable[[], bool],
    save: OneRow | None,
) -> int:
    """Check the rows and, with `save`, import those that are right, until it is enough. Returns how many."""
    taken, layout = _taken(sheet, rows), layout_of(sheet, now)
    for count, row in enumerate(rows, 1):
        # Checked anew before the import: since the preview somebody may have been enrolled by hand. What staff saw
        # as wrong stays out, also when nothing is wrong with it any more.
        if save is None or row.outcome != Outcome.WRONG:
            checked = check(row, staff=staff, layout=layout, taken=taken, now=now)
            row.keys = keys_of(checked.row)
            _note(row, checked)
            if save is not None and checked.outcome in (Outcome.NEW, Outcome.UPDATE):
                _import_one(row, checked, sheet, staff, now, save)
            row.save(update_fields=["keys", "outcome", "problems", "notes", "read", "patient"])
        for key in row.keys:
            taken[key] = min(row.number, taken.get(key, row.number))
        if enough():
            return count
    return len(rows)


def _taken(sheet: PatientSheet, but: list[SheetRow]) -> dict[str, int]:
    """Return the keys of all rows but these, each with the first row that has it."""
    others = sheet.rows.exclude(pk__in=[row.pk for row in but]).exclude(keys=[])
    found = others.order_by("-number").values_list("number", "keys")
    return {key: number for number, keys in found for key in keys}


def _note(row: SheetRow, checked: Checked) -> None:
    row.outcome, row.patient = checked.outcome, checked.patient
    row.problems, row.notes, row.read = checked.row.problems, checked.row.notes, checked.row.shown()


def _go_over(job: Job, now: datetime, enough: Callable[[], bool], save: OneRow | None) -> Slice:
    """Handle the next rows until it is enough. The place is the number of the last row handled."""
    sheet = PatientSheet.objects.select_related("clinic").get(pk=job.about, clinic=job.clinic)
    done, place = 0, job.place
    while True:
        rows = list(sheet.rows.filter(number__gt=place).order_by("number")[:LOOK_ROWS])
        if rows:
            count = _each(sheet, rows, job.asked_by, now, enough, save)
            done, place = done + count, rows[count - 1].number
        if not rows or (count == len(rows) < LOOK_ROWS):
            return Slice(done, place, over=True, said=outcome_words(sheet))
        if enough():
            return Slice(done, place, over=False)


def _import_one(
    row: SheetRow, checked: Checked, sheet: PatientSheet, staff: Staff, now: datetime, save: OneRow
) -> None:
    """Import one row in a transaction of its own, so that a row that fails stops no other."""
    try:
        with transaction.atomic():
            save(row, checked, sheet, staff, now)
    except NotPossible as error:
        row.outcome, row.problems = Outcome.WRONG, [{"field": error.field or "mrn", "text": error.text}]
    except Exception as error:
        if is_away(error):
            raise
        where = place_of(error)
        log_lines.error("row %s of a sheet is not imported: %s at %s", row.pk, type(error).__name__, where)
        row.outcome, row.problems = Outcome.WRONG, [{"field": "mrn", "text": NOT_SAVED}]


def _save(row: SheetRow, checked: Checked, sheet: PatientSheet, staff: Staff, now: datetime) -> None:
    """Enroll or update one patient, through the same services as by hand."""
    if checked.outcome == Outcome.UPDATE and checked.patient is not None:
        save_record(
            staff=staff,
            patient=checked.patient,
            procedure=checked.procedure,
            person=checked.person,
            record=checked.record,
            fields=checked.fields,
            another_person=True,
            now=now,
            shared=row.shared,
        )
        row.outcome = Outcome.UPDATED
        return
    row.patient = enroll(
        staff=staff,
        person={**checked.person, "language": checked.row.language},
        procedure=checked.record,
        messages=sheet.all_agreed or checked.row.messages_agreed,
        another_person=row.another_person,
        shared=row.shared,
        now=now,
    )
    row.outcome = Outcome.ENROLLED


def counts(sheet: PatientSheet) -> dict[str, int]:
    """Return how many rows have each outcome."""
    found = sheet.rows.values_list("outcome").annotate(rows=Count("pk")).order_by()
    return {**dict.fromkeys(Outcome.values, 0), **dict(found)}


def outcome_words(sheet: PatientSheet) -> str:
    """Return what became of the sheet in a sentence, without a word about a patient."""
    found = counts(sheet)
    parts = [
        (found[Outcome.NEW], "new"),
        (found[Outcome.UPDATE], "to update"),
        (found[Outcome.ENROLLED], "enrolled"),
        (found[Outcome.UPDATED], "updated"),
        (found[Outcome.SAME], "already here"),
        (found[Outcome.WRONG], "to fix"),
    ]
    return ", ".join(f"{count} {words}" for count, words in parts if count)


CHECK = JobKind(
    name="check-sheet",
    words="Checking a file of patients",
    needs=Permission.IMPORT,
    work=lambda job, now, enough: _go_over(job, now, enough, None),
)
IMPORT = JobKind(
    name="import-sheet",
    words="Importing patients from a file",
    needs=Permission.IMPORT,
    work=lambda job, now, enough: _go_over(job, now, enough, lambda *row: _save(*row)),
)

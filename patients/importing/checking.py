"""Checks one row of a sheet by the same forms and rules as enrolment by hand. Stores nothing about patients."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from patients.forms.person import NOT_BORN, PersonForm
from patients.forms.procedure import ProcedureForm
from patients.importing.columns import folded
from patients.importing.reading import Layout, ReadRow, keys_of, read_row
from patients.models import Patient, PatientSheet, Procedure, SheetRow, Staff
from patients.scoping import for_staff
from patients.selectors.people import open_procedure
from patients.services.enrolment import refuse_duplicates, same_person
from patients.services.errors import NotPossible

Outcome = SheetRow.Outcome
PERSON = ("first_name", "last_name", "birth_date", "phone", "email", "mrn")
RECORD = ("levels", "surgeon", "baseline_pain", "allergies")
IN_FILE = {
    "mrn": "Row {row} has the same record number. Leave one of them out, or correct the number.",
    "last_name": "Same name and birth date as row {row}. Two people?",
    "phone": "Same phone as row {row}. Do they share it?",
    "email": "Same e-mail as row {row}. Do they share it?",
}
HERE = {
    "last_name": "{name}, born the same day, is enrolled here already. Another person?",
    "phone": "{name} is enrolled here with this phone. Do they share it?",
    "email": "{name} is enrolled here with this e-mail. Do they share it?",
}
ELSEWHERE = "Somebody here signs in with this already. Do they share it?"
ANOTHER_NUMBER = "{name}, born {born:%b} {born.day}, {born.year}, has this record number. The same patient?"
NO_NUMBER = "Here already. The file has no record number for them, so nothing is changed."
CLOSED = "Here already; the recovery is closed. Start a new one from the record, and leave this row out."
KEPT_END = "The procedure ended {here:%Y-%m-%d %H:%M} here. The file’s time is not taken."


@dataclass
class Checked:
    """What a row means. person, record: cleaned values; fields: what changes of a patient who is here already."""

    row: ReadRow
    outcome: str = ""
    patient: Patient | None = None
    procedure: Procedure | None = None
    person: dict[str, Any] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)


def layout_of(sheet: PatientSheet, now: datetime) -> Layout:
    """Return how the sheet is read."""
    today = now.astimezone(ZoneInfo(sheet.clinic.timezone)).date()
    return Layout(sheet.columns, sheet.day_first, sheet.usual_time, today)


def check(row: SheetRow, *, staff: Staff, layout: Layout, taken: Mapping[str, int], now: datetime) -> Checked:
    """Return what the row means, with its problems. taken: the keys of earlier rows and the rows' numbers."""
    read = read_row(row.cells, layout)
    checked = Checked(read)
    known = for_staff(staff)
    number = read.person["mrn"]
    checked.patient = known.filter(mrn=number).first() if number else None
    _by_forms(checked, staff, now)
    if not read.problems:
        _alone_in_file(checked, row, taken)
    if not read.problems:
        _alone_here(checked, row, staff)
    if not read.problems and checked.patient is not None:
        _changes(checked, now)
    if read.problems:
        checked.outcome = Outcome.WRONG
    elif not checked.outcome:
        checked.outcome = Outcome.NEW
    return checked


def _by_forms(checked: Checked, staff: Staff, now: datetime) -> None:
    """Check the values as the pages do. A cell that is empty keeps what is stored of a known patient."""
    row = checked.row
    typed = {**row.person}
    if checked.patient is not None:
        typed |= {name: str(getattr(checked.patient, name) or "") for name in PERSON if not typed[name]}
    # A date long ago is asked back on the page; here the row says so, and the whole import is confirmed.
    record = {**row.record, "sure_ended_at": row.record["ended_at"]}
    person = PersonForm(typed)
    procedure = ProcedureForm(record, clinic=staff.clinic, now=now, may_lift=False)
    unread = {problem["field"] for problem in row.problems}
    for form in (person, procedure):
        form.asks_database = False
        for name, errors in form.errors.get_json_data().items():
            place = _place(name, row)
            if not ({place, name} & unread) and not (name == "ended_at" and unread & {"ended_on", "ended_time"}):
                row.wrong(place, errors[0]["message"])
    if row.problems:
        return
    if not person.cleaned_data["birth_date"] < procedure.cleaned_data["ended_at"].date():
        row.wrong("birth_date", NOT_BORN)
    if checked.patient is None:
        row.notes.extend(asked.words for asked in procedure.asked)
    checked.person, checked.record = dict(person.cleaned_data), dict(procedure.cleaned_data)


def _place(name: str, row: ReadRow) -> str:
    """Return the field of the sheet that a form's field was read from."""
    if name in ("first_name", "last_name"):
        return name if name in row.given or "full_name" not in row.given else "full_name"
    return {"ended_at": "ended_on", "__all__": "birth_date"}.get(name, name)


def _alone_in_file(checked: Checked, row: SheetRow, taken: Mapping[str, int]) -> None:
    for key in keys_of(checked.row):
        name, earlier = key.partition(":")[0], taken.get(key)
        said = row.another_person if name == "last_name" else row.shared if name in ("phone", "email") else False
        # Two record numbers are two people of one name only when staff say so.
        if earlier is not None and earlier < row.number and not said:
            checked.row.wrong(name, IN_FILE[name].format(row=earlier))
            return


def _alone_here(checked: Checked, row: SheetRow, staff: Staff) -> None:
    """Find out who in the clinic this is, or whose phone, e-mail or name it is."""
    known = checked.patient
    if known is not None and _looks_like_another(known, checked.person) and not row.another_person:
        checked.row.wrong("mrn", ANOTHER_NUMBER.format(name=known.name, born=known.birth_date))
        return
    twin = None if known or row.another_person else same_person(staff.clinic, checked.person)
    if twin is not None and (not checked.person["mrn"] or not twin.mrn):
        checked.patient = known = twin
        if not checked.person["mrn"]:
            checked.outcome = Outcome.SAME
            checked.row.notes.append(NO_NUMBER)
            return
    _refuse(checked, row, staff, known)


def _refuse(checked: Checked, row: SheetRow, staff: Staff, own: Patient | None) -> None:
    try:
        refuse_duplicates(
            staff.clinic, checked.person, another_person=row.another_person, own=own, shared=row.shared
        )
    except NotPossible as error:
        text = HERE.get(error.field, "") if error.patient else ELSEWHERE
        checked.row.wrong(error.field, text.format(name=error.patient.name if error.patient else "") or error.text)


def _looks_like_another(known: Patient, person: Mapping[str, Any]) -> bool:
    """Return whether neither name nor birth date are those of the patient with this record number."""
    names = {folded(known.first_name), folded(known.last_name)}
    read = {folded(person["first_name"]), folded(person["last_name"])}
    return known.birth_date != person["birth_date"] and not names & read - {""}


def _changes(checked: Checked, now: datetime) -> None:
    """Find out what the row changes of a patient who is here already."""
    patient, row = checked.patient, checked.row
    if patient is None or checked.outcome:
        return
    checked.procedure = procedure = open_procedure(patient)
    if procedure is None:
        row.wrong("ended_on", CLOSED)
        return
    fields = {name for name in PERSON if getattr(patient, name) != checked.person[name]}
    fields |= {name for name in RECORD if name in row.given and getattr(procedure, name) != checked.record[name]}
    ended = checked.record["ended_at"]
    if abs((procedure.ended_at - ended).total_seconds()) >= 60:
        row.notes.append(KEPT_END.format(here=procedure.ended_at.astimezone(ended.tzinfo)))
    checked.fields = fields
    checked.outcome = Outcome.UPDATE if fields else Outcome.SAME

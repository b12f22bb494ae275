"""Patients from a file: seen before they are saved, by the same rules as by hand, and nobody twice."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from patients.importing import rows, sheets
from patients.importing.rows import IMPORT
from patients.importing.sheet_file import FileLine, Sheet
from patients.models import Consent, Job, Patient, PatientSheet, Procedure, SheetColumns, SheetRow, User
from patients.services import jobs
from patients.services.errors import NotPossible
from recovery import long_work
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_patient

HEADER = ["Last name", "First name", "DOB", "MRN", "Mobile", "Procedure ended", "Levels", "Surgeon"]
CHICAGO = ZoneInfo("America/Chicago")


def ended(days: int = 2) -> str:
    """Some days ago, at ten in the morning at the clinic."""
    return f"{(timezone.now() - timedelta(days=days)).astimezone(CHICAGO):%Y-%m-%d} 10:05"


def line(n: int, **changes: str) -> list[str]:
    """A row about patient n."""
    known = {
        "last": f"Brooks{n}",
        "first": "Walter",
        "born": f"19{40 + n % 20}-04-13",
        "mrn": f"LV-{n}",
        "phone": f"(312) 555-{n:04}",
        "ended": ended(),
        "levels": "L3",
        "surgeon": "Cole",
    }
    return list({**known, **changes}.values())


def csv_of(lines: list[list[str]], header: list[str] = HEADER) -> bytes:
    return "\n".join("\t".join(cells) for cells in [header, *lines]).encode()


def choose(client: Client, data: bytes, name: str = "november.csv") -> PatientSheet:
    """Choose the file on the page; returns the sheet."""
    answer = client.post("/desk/import/", {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 302, text(answer)
    finish()
    return PatientSheet.objects.select_related("job", "clinic").latest("pk")


def press(client: Client, sheet: PatientSheet, what: str, **sent: Any) -> Any:
    answer = client.post(reverse(f"patients:import_{what}", args=[sheet.code]), sent)
    finish()
    return client.get(answer["Location"])


def finish() -> None:
    """On a busy machine the page did only the first slice: the rest, as the sweep does it."""
    for job in Job.objects.filter(ended_at__isnull=True):
        jobs.step(job.pk, long_work.KINDS[job.kind], timezone.now(), lambda: False)


def signs_in_with(mrn: str) -> str | None:
    """The phone with which somebody who was imported signs in."""
    return User.objects.get(patient__mrn=mrn, patient__clinic__name="Cedar Spine Clinic").phone


def outcomes(sheet: PatientSheet) -> list[str]:
    return list(sheet.rows.order_by("number").values_list("outcome", flat=True))


def test_thirty_patients_take_two_presses_and_are_like_enrolled_by_hand(people: Cast) -> None:
    nurse = signed_in(people.nurse)
    before = Patient.all_clinics.count()
    sheet = choose(nurse, csv_of([line(n) for n in range(30)]))
    page = text(nurse.get(reverse("patients:import_sheet", args=[sheet.code])))
    assert "nothing is saved yet" in page
    assert "Import 30 new" in page
    assert Patient.all_clinics.count() == before
    page = text(press(nurse, sheet, "start", all_agreed="on"))
    assert "Imported patients" in page
    assert outcomes(sheet) == ["enrolled"] * 30
    patient = Patient.all_clinics.get(clinic=people.clinic, mrn="LV-7")
    procedure = Procedure.objects.get(patient=patient)
    assert (patient.name, str(patient.phone), signs_in_with("LV-7")) == (
        "Walter Brooks7",
        "+13125550007",
        patient.phone,
    )
    assert (procedure.levels, procedure.surgeon) == (["L3"], "Cole")
    assert f"{procedure.ended_at.astimezone(CHICAGO):%Y-%m-%d %H:%M}" == ended()
    assert Consent.objects.filter(patient=patient, purpose="messages").exists()
    assert patient.access_events.filter(action="enrolled", actor=people.nurse.user).exists()
    assert patient.plan_due_at is not None


def test_the_same_file_again_doubles_nobody_and_a_newer_one_updates(people: Cast) -> None:
    nurse = signed_in(people.nurse)
    press(nurse, choose(nurse, csv_of([line(1), line(2)])), "start")
    again = choose(nurse, csv_of([line(1), line(2, phone="(312) 555-0199", levels="T12, L1", surgeon="")]))
    assert outcomes(again) == ["same", "update"]
    press(nurse, again, "start")
    assert outcomes(again) == ["same", "updated"]
    assert Patient.all_clinics.filter(mrn__in=["LV-1", "LV-2"]).count() == 2
    patient = Patient.all_clinics.get(mrn="LV-2")
    assert str(patient.phone) == str(signs_in_with("LV-2")) == "+13125550199"
    procedure = Procedure.objects.get(patient=patient)
    # An empty cell takes nothing away.
    assert (procedure.levels, procedure.surgeon) == (["T12", "L1"], "Cole")
    assert not Consent.objects.filter(patient=patient).exists()


def test_each_wrong_cell_says_what_to_do_and_is_corrected_in_place(people: Cast) -> None:
    nurse = signed_in(people.nurse)
    bad = [
        line(1, born="04/31/1944"),
        line(2, phone="555-0177"),
        line(3, levels="L7"),
        line(4, ended=f"{(timezone.now() + timedelta(days=9)):%Y-%m-%d} 10:00"),
        line(5, first=""),
        line(6, born="1844-04-13"),
        line(7),
    ]
    sheet = choose(nurse, csv_of(bad))
    assert outcomes(sheet) == ["wrong"] * 6 + ["new"]
    wrong = {row.number: row.problems[0]["field"] for row in sheet.rows.exclude(problems=[])}
    assert wrong == {2: "birth_date", 3: "phone", 4: "levels", 5: "ended_on", 6: "first_name", 7: "birth_date"}
    page = nurse.get(reverse("patients:import_sheet", args=[sheet.code]))
    assert "no day of the calendar" in text(page)
    press(nurse, sheet, "fix", **{"c2.birth_date": "1944-04-30", "c4.levels": "L5", "r2": "1", "r4": "1"})
    assert outcomes(sheet) == ["new", "wrong", "new", "wrong", "wrong", "wrong", "new"]
    file = nurse.get(reverse("patients:import_wrong_rows", args=[sheet.code])).content.decode()
    assert "555-0177" in file
    assert "What to fix" in file
    press(nurse, sheet, "start")
    assert outcomes(sheet) == ["enrolled", "wrong", "enrolled", "wrong", "wrong", "wrong", "enrolled"]


def test_two_rows_that_may_be_one_person_are_asked_about(people: Cast) -> None:
    nurse = signed_in(people.nurse)
    twins = [
        line(1),
        line(2, last="Brooks1", born="1941-04-13"),
        line(3, phone="(312) 555-0001"),
        line(4, mrn="LV-1"),
    ]
    sheet = choose(nurse, csv_of(twins))
    assert outcomes(sheet) == ["new", "wrong", "wrong", "wrong"]
    page = text(nurse.get(reverse("patients:import_sheet", args=[sheet.code])))
    for words in ("Same name and birth date as row 2. Two people?", "Same phone as row 2. Do they share it?"):
        assert words in page
    said = {"r3": "1", "t3.another_person": "on", "r4": "1", "t4.shared": "on"}
    press(nurse, sheet, "fix", **said)
    press(nurse, sheet, "start")
    assert outcomes(sheet) == ["enrolled", "enrolled", "enrolled", "wrong"]
    # The second who has the phone signs in with the card, as when enrolled by hand.
    assert signs_in_with("LV-3") is None


def test_somebody_here_is_found_also_without_a_record_number(people: Cast) -> None:
    known = make_patient(people.clinic, "José", last_name="Núñez", mrn=None, phone="+13125550001")
    row = line(1, first="Jose", last="Nunez", born=f"{known.birth_date}")
    nurse = signed_in(people.nurse)
    sheet = choose(nurse, csv_of([[*row[:3], "", *row[4:]]]))
    assert (outcomes(sheet), sheet.rows.get().patient) == (["same"], known)


def test_a_record_number_of_somebody_else_is_asked_about(people: Cast) -> None:
    sheet = choose(signed_in(people.nurse), csv_of([line(1, mrn=people.patient.mrn)]))
    assert sheet.rows.get().problems[0] == {
        "field": "mrn",
        "text": "Rosa Recovers, born Mar 4, 1950, has this record number. The same patient?",
    }


def test_patients_of_another_clinic_are_never_found_nor_named(people: Cast) -> None:
    other = people.other_patient
    Patient.all_clinics.filter(pk=other.pk).update(phone="+13125550001", mrn="LV-1")
    User.objects.filter(pk=other.user_id).update(phone="+13125550001")
    nurse = signed_in(people.nurse)
    sheet = choose(nurse, csv_of([line(1)]))
    assert outcomes(sheet) == ["new"]
    press(nurse, sheet, "start")
    assert outcomes(sheet) == ["enrolled"]
    # The phone stays with whoever signs in with it; this patient has the card.
    assert signs_in_with("LV-1") is None
    stranger = signed_in(people.other_nurse)
    assert stranger.get(reverse("patients:import_sheet", args=[sheet.code])).status_code == 404
    assert stranger.get(reverse("patients:job", args=[Job.objects.latest("pk").code])).status_code == 404


def test_columns_and_days_are_asked_once_and_remembered(people: Cast) -> None:
    nurse = signed_in(people.nurse)
    header = ["Who", "Born", "No.", "Call", "Done"]
    cells = ["Brooks, Walter", "04/05/1944", "LV-1", "(312) 555-0001", ended()[:10]]
    data = csv_of([cells], header)
    sheet = choose(nurse, data)
    address = reverse("patients:import_columns", args=[sheet.code])
    assert nurse.get(address).status_code == 200
    chosen = {"col_full_name": 0, "col_birth_date": 1, "col_mrn": 2, "col_phone": 3, "col_ended_on": 4}
    page = nurse.post(address, chosen)
    assert page.status_code == 422
    for words in (
        "what is 04/05/1944?",
        "May 4, 1944 (day first)",
        "Say how this column writes days",
        "Give the usual time",
    ):
        assert words in text(page)
    answers = {**chosen, "order_birth_date": "day", "usual_time": "11:30"}
    nurse.post(address, answers)
    finish()
    row = sheet.rows.get()
    assert row.read["birth_date"] == "May 4, 1944"
    assert row.read["ended_on"].endswith("11:30")
    assert outcomes(sheet) == ["new"]
    second = choose(nurse, data)
    assert second.columns == {"full_name": 0, "birth_date": 1, "mrn": 2, "phone": 3, "ended_on": 4}
    assert SheetColumns.objects.get().clinic == people.clinic


def test_a_column_that_tells_how_it_writes_days_is_not_asked_about(people: Cast) -> None:
    rows_ = [line(1, born="13/04/1944"), line(2, born="04/05/1944")]
    sheet = choose(signed_in(people.nurse), csv_of(rows_))
    assert [row.read["birth_date"] for row in sheet.rows.order_by("number")] == ["Apr 13, 1944", "May 4, 1944"]


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (None, "Choose the file first."),
        (b"", "This file is empty."),
        (b"just words", "no rows"),
        (b"x" * 921601, "larger than 900 KB"),
    ],
)
def test_a_wrong_file_says_what_to_do(people: Cast, file: bytes | None, words: str) -> None:
    sent = {} if file is None else {"file": SimpleUploadedFile("x.csv", file)}
    answer = signed_in(people.nurse).post("/desk/import/", sent)
    assert (answer.status_code, words in text(answer)) == (422, True)


def big(people: Cast, count: int = 6) -> tuple[PatientSheet, Job]:
    """A sheet that is checked, and an import of which no slice is done yet."""
    now = timezone.now()
    lines = [FileLine(n + 2, line(n)) for n in range(count)]
    sheet = sheets.take_in(staff=people.nurse, sheet=Sheet(HEADER, lines), file_name="x.csv", now=now)
    told: dict[str, Any] = {"columns": sheet.columns, "day_first": {}, "usual_time": None}
    sheets.use_columns(sheet, staff=people.nurse, now=now, **told)
    finish()
    PatientSheet.objects.filter(pk=sheet.pk).update(confirmed_at=now)
    job = jobs.ask(staff=people.nurse, kind=IMPORT, about=sheet.pk, total=count, page="/x/", now=now)
    PatientSheet.objects.filter(pk=sheet.pk).update(job=job)
    return sheet, job


def one_slice(job: Job) -> Any:
    """As little as a slice does."""
    return jobs.step(job.pk, IMPORT, timezone.now(), lambda: True)


def test_an_import_goes_on_where_it_was_and_a_killed_one_loses_nothing(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet, job = big(people)
    assert one_slice(job).done == 1
    one_slice(job)
    kept = rows._save

    def dies(row: SheetRow, *rest: Any) -> None:
        kept(row, *rest)
        if row.number == 4:
            raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(rows, "_save", dies)
        with pytest.raises(KeyboardInterrupt):
            one_slice(job)
    job.refresh_from_db()
    assert (job.done, Patient.all_clinics.filter(mrn__startswith="LV-").count()) == (2, 2)
    while (now_at := one_slice(job)) and now_at.is_open:
        pass
    job.refresh_from_db()
    assert (job.state, job.done, job.said) == ("done", 6, "6 enrolled")
    assert Patient.all_clinics.filter(mrn__startswith="LV-").count() == 6


def test_a_row_that_fails_stops_no_other(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet, job = big(people, 3)
    kept = rows.enroll

    def refuses(**known: Any) -> Patient:
        if known["person"]["mrn"] == "LV-1":
            raise ValueError
        return kept(**known)

    monkeypatch.setattr(rows, "enroll", refuses)
    jobs.step(job.pk, IMPORT, timezone.now(), lambda: False)
    assert outcomes(sheet) == ["enrolled", "wrong", "enrolled"]
    assert "Enroll this patient by hand" in sheet.rows.get(number=3).problems[0]["text"]


def test_a_cancelled_import_keeps_what_is_done_and_does_no_more(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet, job = big(people)
    one_slice(job)
    one_slice(job)
    nurse = signed_in(people.nurse2)
    page = nurse.get(reverse("patients:import_sheet", args=[sheet.code]))
    assert "2 of 6 rows" in text(page)
    assert '<meta http-equiv="refresh"' in page.content.decode()
    back = reverse("patients:import_sheet", args=[sheet.code])
    done = nurse.post(reverse("patients:cancel_job", args=[job.code]), {"back": back}, follow=True)
    assert "Cancelled after 2 of 6 rows" in text(done)
    assert one_slice(job) is None
    assert outcomes(sheet)[2:] == ["new"] * 4
    assert not jobs.cancel(job=job, now=timezone.now())


def test_a_job_stops_when_whoever_started_it_may_not_any_more(people: Cast) -> None:
    sheet, job = big(people, 2)
    type(people.nurse).objects.filter(pk=people.nurse.pk).update(active=False)
    assert one_slice(job).state == "stopped"
    assert outcomes(sheet) == ["new", "new"]


def test_one_import_of_a_clinic_at_a_time_and_each_file_once(people: Cast) -> None:
    sheet, job = big(people, 2)
    with pytest.raises(NotPossible, match="still under way"):
        jobs.ask(staff=people.nurse2, kind=IMPORT, about=sheet.pk, total=2, page="/x/", now=timezone.now())
    sheet.refresh_from_db()
    with pytest.raises(NotPossible, match="imported already"):
        sheets.start_import(sheet, staff=people.nurse2, all_agreed=False, now=timezone.now())


def test_old_files_are_forgotten_and_the_patients_stay(people: Cast) -> None:
    nurse = signed_in(people.nurse)
    sheet = choose(nurse, csv_of([line(1)]))
    press(nurse, sheet, "start")
    PatientSheet.objects.update(made_at=timezone.now() - sheets.KEPT - timedelta(minutes=1))
    sheets.forget_old(timezone.now())
    assert not SheetRow.objects.exists()
    assert Patient.all_clinics.filter(mrn="LV-1").exists()
    other = choose(nurse, csv_of([line(2)]))
    press(nurse, other, "forget", sure="1")
    assert not PatientSheet.objects.exists()


def test_long_work_is_linked_from_every_page_and_says_how_much_is_under_way(people: Cast) -> None:
    nurse = signed_in(people.nurse)
    link = f'href="{reverse("patients:jobs")}"'
    page = text(nurse.get(reverse("patients:import_file")))
    assert page.count(link) == 2
    assert "under way" not in page
    big(people)
    assert "1 under way" in text(nurse.get(reverse("patients:import_file")))
    assert link in text(nurse.get(reverse("recovery:worklist")))

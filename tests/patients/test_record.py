"""The record: every field corrected, the sign-in with it; a recovery closed, another one started."""

import re
from datetime import date, datetime, time, timedelta
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from patients.forms.procedure import ProcedureForm
from patients.models import AccessEvent, Patient, Procedure, User
from patients.services.clinicians import first_record
from patients.services.errors import NotPossible
from patients.services.records import save_record
from tests.patients.pages import signed_in, strangers, text
from tests.people import Cast, make_patient

CHICAGO = ZoneInfo("America/Chicago")
SOON = timezone.now().date() + timedelta(days=20)


def address(people: Cast) -> str:
    return f"/desk/patients/{people.patient.code}/record/"


class _Filled(HTMLParser):
    """Reads what a browser would send for the first form that has a birth date."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: dict[str, Any] = {}
        self.select = self.area = ""
        form = next(form for form in re.findall(r"<form.*?</form>", page, re.S) if "birth_date" in form)
        self.feed(form)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        attrs = dict(pairs)
        name, value = attrs.get("name") or "", attrs.get("value") or ""
        if tag == "select":
            self.select = name
        elif tag == "option" and "selected" in attrs:
            self.sent[self.select] = value
        elif tag == "textarea":
            self.area = name
        elif tag == "input" and attrs.get("type") == "checkbox":
            if "checked" in attrs:
                self.sent.setdefault(name, []).append(value or "on")
        elif tag == "input" and name and name != "csrfmiddlewaretoken":
            self.sent[name] = value

    def handle_endtag(self, tag: str) -> None:
        self.area = "" if tag == "textarea" else self.area

    def handle_data(self, data: str) -> None:
        if self.area:
            self.sent[self.area] = self.sent.get(self.area, "") + data.removeprefix("\n")


def filled(people: Cast) -> dict[str, Any]:
    """What the page's form sends when nothing is changed."""
    return _Filled(text(signed_in(people.nurse).get(address(people)))).sent


def change(people: Cast, **typed: Any) -> Any:
    return signed_in(people.nurse).post(address(people), {**filled(people), **typed})


def the_patient(people: Cast) -> Patient:
    return Patient.all_clinics.select_related("user").get(pk=people.patient.pk)


def the_procedure(people: Cast) -> Procedure:
    return Procedure.objects.get(patient=people.patient)


def test_saving_an_untouched_page_changes_no_value(people: Cast) -> None:
    Procedure.objects.update(
        meds_on_hold=[{"name": "Fish oil", "restart_on": None}], baseline_symptoms=["bladder"]
    )
    before = Procedure.objects.values().get(), Patient.all_clinics.values().get(pk=people.patient.pk)
    assert change(people).status_code == 302
    after = Procedure.objects.values().get(), Patient.all_clinics.values().get(pk=people.patient.pk)
    before[1].pop("plan_due_at"), after[1].pop("plan_due_at")
    assert after == before


def test_every_field_of_the_record_is_on_the_page(people: Cast) -> None:
    page = text(signed_in(people.nurse).get(address(people)))
    shown = set(re.findall(r'name="(\w+)"', page))
    columns = {field.name for field in Procedure._meta.get_fields() if field.concrete} - {
        "id",
        "patient",
        "closed_at",
        "recorded_at",
        "ice_answered_at",
        "emptied",
        "thinner_restart_set_at",
    }
    assert columns == set(ProcedureForm.base_fields) - {"restart_again"}
    assert columns <= shown
    assert {"first_name", "birth_date", "phone", "email", "mrn", "timezone", "temp_unit"} <= shown


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ({"levels": ["T12", "L1"]}, {"levels": ["T12", "L1"]}),
        ({"hu_low": "true", "hu_value": "85.5"}, {"hu_low": True, "hu_value": 85.5}),
        ({"osteoporosis": "false", "bmd_t_score": "-2.6"}, {"osteoporosis": False, "bmd_t_score": -2.6}),
        (
            {"baseline_pain": "9", "baseline_walk_level": "house"},
            {"baseline_pain": 9, "baseline_walk_level": "house"},
        ),
        (
            {"blood_thinner_held": "on", "thinner_restart_on": SOON.isoformat()},
            {"thinner_restart_on": SOON},
        ),
        ({"apap_max_mg": "3000", "otc_pain_ok": "true"}, {"apap_max_mg": 3000, "otc_pain_ok": True}),
        ({"pt_ordered": "on", "job_type": "physical"}, {"pt_ordered": True, "job_type": "physical"}),
        ({"next_visit_at": f"{SOON}T09:30"}, {"next_visit_at": datetime.combine(SOON, time(9, 30), CHICAGO)}),
        (
            {"meds_on_hold": f"Fish oil, {SOON}\nGinkgo"},
            {
                "meds_on_hold": [
                    {"name": "Fish oil", "restart_on": SOON.isoformat()},
                    {"name": "Ginkgo", "restart_on": None},
                ]
            },
        ),
    ],
)
def test_a_corrected_field_of_the_procedure_is_stored(
    people: Cast, typed: dict[str, Any], stored: dict[str, Any]
) -> None:
    assert change(people, **typed).status_code == 302
    procedure = the_procedure(people)
    assert {name: getattr(procedure, name) for name in stored} == stored


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"first_name": ""}, "required"),
        ({"birth_date": "1850-01-01"}, "Check the year"),
        ({"phone": "12"}, "Enter a phone number"),
        ({"phone": "", "email": ""}, "phone number or an e-mail"),
        ({"email": "not-an-address"}, "valid email address"),
        ({"timezone": "Mars/Base"}, "not a time zone"),
        ({"ended_at": "2099-01-01T10:00"}, "in the future"),
        ({"ended_at": ""}, "required"),
        ({"levels": ["S1"]}, "Select a valid choice"),
        ({"baseline_pain": "11"}, "less than or equal to 10"),
        ({"apap_max_mg": "4001"}, "less than or equal to 4000"),
        ({"hu_value": "99999"}, "from -1000 to 3000"),
        ({"meds_on_hold": "Fish oil, soon"}, "write the date as"),
        ({"next_visit_at": "soon"}, "Enter a valid date/time"),
        ({"dressing_removed_at": "2099-01-01T10:00"}, "not in the future"),
        ({"next_visit_at": "0206-12-05T10:00"}, "Check the year"),
        ({"brace_until": "20260-01-01"}, "Enter a valid date"),
    ],
)
def test_a_value_that_can_not_be_is_named_kept_and_changes_nothing(
    people: Cast, typed: dict[str, Any], words: str
) -> None:
    answer = change(people, last_name="Typed-Before", **typed)
    assert answer.status_code == 422
    assert words in text(answer)
    assert "Typed-Before" in text(answer)
    assert the_patient(people).last_name == "Recovers"


def test_a_new_phone_and_email_are_the_new_sign_in_and_the_number_proves_itself_again(people: Cast) -> None:
    User.objects.filter(pk=people.patient.user_id).update(phone="+13125550111", phone_verified=True)
    Patient.all_clinics.filter(pk=people.patient.pk).update(phone="+13125550111")
    assert change(people, phone="(312) 555-0142", email="Rosa@New.example").status_code == 302
    patient = the_patient(people)
    assert patient.user
    assert str(patient.phone) == str(patient.user.phone) == "+13125550142"
    assert patient.email == patient.user.email == "rosa@new.example"
    assert not patient.user.phone_verified


def test_an_address_of_somebody_else_is_refused_and_only_own_patients_are_named(people: Cast) -> None:
    ann = make_patient(people.clinic, "Ann")
    page = text(change(people, email=ann.email))
    assert "Ann Recovers is enrolled here already with this e-mail." in page
    assert f"/desk/patients/{ann.code}/" in page
    assert "already used" in text(change(people, email=people.nurse.user.email))
    assert the_patient(people).email == people.patient.email


def test_a_record_number_of_somebody_else_is_refused(people: Cast) -> None:
    ann = make_patient(people.clinic, "Ann")
    assert "Ann Recovers has this record number already." in text(change(people, mrn=ann.mrn))


@pytest.mark.slow
def test_becoming_a_namesake_is_asked_about_and_then_believed(people: Cast) -> None:
    make_patient(people.clinic, "Ann")
    answer = change(people, first_name="Ann")
    assert answer.status_code == 422
    assert "another_person" in text(answer)
    assert change(people, first_name="Ann", another_person="on").status_code == 302
    assert change(people, mrn="NEW-1").status_code == 302


def test_only_what_was_changed_is_written_so_that_a_waiting_alert_keeps_its_place(people: Cast) -> None:
    typed = filled(people)
    Patient.all_clinics.filter(pk=people.patient.pk).update(work_rank=0, last_log_tier="call_911", temp_unit="C")
    Procedure.objects.update(baseline_pain=8)
    typed["temp_unit"], typed["baseline_pain"] = "C", "8"
    assert signed_in(people.nurse).post(address(people), {**typed, "job_type": "desk"}).status_code == 302
    patient = the_patient(people)
    assert (patient.work_rank, patient.last_log_tier, the_procedure(people).baseline_pain) == (0, "call_911", 8)


def test_a_change_has_the_plan_looked_at_now_and_names_the_fields_but_no_values(people: Cast) -> None:
    Patient.all_clinics.update(plan_due_at=timezone.now() + timedelta(hours=6))
    before = timezone.now()
    soon = timezone.now() + timedelta(days=20)
    change(people, thinner_restart_on=f"{soon:%Y-%m-%d}", email="rosa@new.example")
    due = the_patient(people).plan_due_at
    assert due
    assert before <= due <= timezone.now()
    row = AccessEvent.objects.get(action="changed the record")
    assert (row.subject, row.actor) == ("email, thinner_restart_on", people.nurse.user)


def close(people: Cast, day: date | str | None = None, **typed: str) -> Any:
    day = day or timezone.now().astimezone(CHICAGO).date()
    return signed_in(people.nurse).post(
        address(people), {"close": "1", "closed_on": str(day), "sure": "on", **typed}
    )


def test_closing_ends_the_watch_at_the_end_of_the_day_but_never_in_the_future(people: Cast) -> None:
    ended = timezone.now() - timedelta(days=40)
    Procedure.objects.update(ended_at=ended)
    yesterday = timezone.now().astimezone(CHICAGO).date() - timedelta(days=1)
    assert close(people, yesterday).status_code == 302
    closed_at = the_procedure(people).closed_at
    assert closed_at
    local = closed_at.astimezone(CHICAGO)
    assert (local.date() - yesterday, local.hour, local.minute) == (timedelta(days=1), 0, 0)
    assert the_patient(people).plan_due_at is None
    Procedure.objects.update(closed_at=None)
    assert close(people).status_code == 302
    closed_at = the_procedure(people).closed_at
    assert closed_at
    assert closed_at <= timezone.now()


@pytest.mark.parametrize(
    ("day", "typed", "words"),
    [
        ("2099-01-01", {}, "in the future"),
        ("2020-01-01", {}, "before the procedure"),
        ("2026-02-30", {}, "a date that exists"),
        (None, {"sure": ""}, "Tick this to close"),
    ],
)
def test_a_closing_that_can_not_be_is_explained(people: Cast, day: str, typed: dict[str, str], words: str) -> None:
    answer = close(people, day, **typed)
    assert answer.status_code == 422
    assert words in text(answer)
    assert the_procedure(people).closed_at is None


@pytest.mark.parametrize("rank", [0, 20, 40, 50, 61])
def test_a_recovery_with_an_open_alert_can_not_be_closed_away(people: Cast, rank: int) -> None:
    Patient.all_clinics.filter(pk=people.patient.pk).update(work_rank=rank)
    answer = close(people)
    assert answer.status_code == 422
    assert "An alert of this patient is still open" in text(answer)
    assert the_procedure(people).closed_at is None


def test_after_closing_the_person_can_be_corrected_and_a_new_procedure_recorded(people: Cast) -> None:
    close(people)
    page = text(signed_in(people.nurse).get(address(people)))
    assert "is closed" in page
    assert "ended_at" not in page
    assert change(people, last_name="Renamed").status_code == 302
    assert the_patient(people).plan_due_at is None
    client = signed_in(people.nurse)
    new = _Filled(text(client.get(address(people), {"new": "1"}))).sent
    new["ended_at"] = (timezone.now() - timedelta(hours=1)).astimezone(CHICAGO).strftime("%Y-%m-%dT%H:%M")
    assert client.post(address(people), new).status_code == 302
    assert Procedure.objects.filter(patient=people.patient, closed_at__isnull=True).count() == 1
    assert the_patient(people).plan_due_at


def test_nobody_outside_the_clinic_finds_the_record(people: Cast) -> None:
    typed = {**filled(people), "last_name": "Stolen"}
    assert Client().get(address(people)).status_code == 302
    for client in strangers(people):
        assert client.get(address(people)).status_code == 404
        assert client.post(address(people), typed).status_code == 404
    assert the_patient(people).last_name == "Recovers"


def test_the_clinics_own_words_are_kept_and_who_wrote_them_is_written_down(people: Cast) -> None:
    words = {"medicine_instructions": "Aspirin 81 mg\r\nmornings", "home_instructions": "No stairs."}
    signed_in(people.nurse).post(address(people), {**filled(people), **words, "allergies": "Latex"})
    kept = Procedure.objects.get(pk=people.procedure.pk)
    assert (kept.medicine_instructions, kept.home_instructions) == ("Aspirin 81 mg\nmornings", "No stairs.")
    assert kept.allergies == "Latex"
    written = AccessEvent.objects.filter(patient=people.patient, action="changed the record").latest("at")
    assert written.subject == "allergies, home_instructions, medicine_instructions"
    # A browser sends other line ends: saved again, nothing has changed.
    sent = {**filled(people), "medicine_instructions": "Aspirin 81 mg\r\nmornings"}
    signed_in(people.nurse).post(address(people), sent)
    assert AccessEvent.objects.filter(action="changed the record").latest("at").subject == ""


@pytest.mark.parametrize(
    ("name", "most"), [("medicine_instructions", 2000), ("home_instructions", 2000), ("allergies", 300)]
)
def test_own_words_that_are_too_long_are_refused_and_kept_on_the_page(people: Cast, name: str, most: int) -> None:
    typed = "x" * (most + 1)
    answer = signed_in(people.nurse).post(address(people), {**filled(people), name: typed})
    assert answer.status_code == 422
    assert f"at most {most} characters" in text(answer)
    assert typed in text(answer)


# --- Two people at one record ---


def test_what_a_colleague_saved_meanwhile_is_not_put_back_unread(people: Cast) -> None:
    client, page = signed_in(people.nurse), filled(people)
    assert signed_in(people.nurse2).post(address(people), {**page, "phone": "+13125550177"}).status_code == 302
    answer = client.post(address(people), {**page, "allergies": "Latex"})
    shown = text(answer)
    assert answer.status_code == 422
    assert "Niles Staff changed the record while this page was open." in shown
    assert "yours may be the older: Mobile phone." in shown
    assert "Latex" in shown
    assert (str(the_patient(people).phone), the_procedure(people).allergies) == ("+13125550177", "")
    # told of it, she decides
    assert client.post(address(people), _Filled(shown).sent).status_code == 302
    assert (str(the_patient(people).phone), the_procedure(people).allergies) == ("", "Latex")


@pytest.mark.slow
def test_changes_of_other_fields_meet_nobody_and_a_mistake_does_not_make_them_read(people: Cast) -> None:
    page = filled(people)
    change(people, phone="+13125550177")
    with_theirs = {**page, "phone": "+13125550177", "allergies": "Latex"}
    assert signed_in(people.nurse2).post(address(people), with_theirs).status_code == 302
    mistaken = signed_in(people.nurse2).post(address(people), {**page, "first_name": ""})
    assert mistaken.status_code == 422
    corrected = {**_Filled(text(mistaken)).sent, "first_name": "Rosa"}
    assert signed_in(people.nurse2).post(address(people), corrected).status_code == 422
    assert str(the_patient(people).phone) == "+13125550177"


def test_the_page_of_one_recovery_never_overwrites_the_next(people: Cast) -> None:
    page = filled(people)
    close(people)
    new = _Filled(text(signed_in(people.nurse).get(address(people), {"new": "1"}))).sent
    new["ended_at"] = (timezone.now() - timedelta(hours=1)).astimezone(CHICAGO).strftime("%Y-%m-%dT%H:%M")
    assert signed_in(people.nurse).post(address(people), new).status_code == 302
    began = Procedure.objects.get(closed_at__isnull=True).ended_at
    answer = signed_in(people.nurse2).post(address(people), page)
    assert answer.status_code == 422
    assert "started a recovery while this page was open" in text(answer)
    assert Procedure.objects.get(closed_at__isnull=True).ended_at == began


# --- Who may set the day a medicine is started again ---

RESTART = {"blood_thinner_held": "on", "thinner_restart_on": str(SOON)}


def on_hold(people: Cast) -> None:
    Procedure.objects.filter(pk=people.procedure.pk).update(blood_thinner_held=True, thinner_restart_on=SOON)


@pytest.mark.parametrize("who", ["nurse", "physician"])
@pytest.mark.slow
def test_a_clinician_sets_the_day_and_the_same_day_again(people: Cast, who: str) -> None:
    desk = signed_in(getattr(people, who))
    assert "Set this day again" not in text(desk.get(address(people)))
    desk.post(address(people), {**filled(people), **RESTART})
    first = the_procedure(people)
    assert (first.thinner_restart_on, first.blood_thinner_held) == (SOON, True)
    assert first.thinner_restart_set_at is not None
    assert "Set this day again" in text(desk.get(address(people)))
    answer = desk.post(address(people), {**filled(people), "restart_again": "on"}, follow=True)
    again = the_procedure(people)
    assert again.thinner_restart_on == SOON
    assert again.thinner_restart_set_at is not None
    assert again.thinner_restart_set_at > first.thinner_restart_set_at
    assert "The plan is made again" in text(answer)


@pytest.mark.parametrize(
    "typed",
    [
        {"thinner_restart_on": str(SOON + timedelta(days=1))},
        {"thinner_restart_on": ""},
        {"restart_again": "on"},
        {"meds_on_hold": f"Fish oil, {SOON}"},
        {"blood_thinner_held": None},
    ],
)
def test_a_manager_cannot_and_reads_who_can(people: Cast, typed: dict[str, Any]) -> None:
    on_hold(people)
    desk = signed_in(people.manager)
    assert "Only a nurse or a physician sets this." in text(desk.get(address(people)))
    sent = {name: value for name, value in {**filled(people), **typed}.items() if value is not None}
    desk.post(address(people), sent)
    stored = the_procedure(people)
    assert (stored.thinner_restart_on, stored.blood_thinner_held) == (SOON, True)
    assert (stored.thinner_restart_set_at, stored.meds_on_hold) == (None, [])


@pytest.mark.parametrize("fields", [{"thinner_restart_on"}, {"restart_again"}, {"meds_on_hold"}])
def test_past_the_form_a_manager_is_refused_too(people: Cast, fields: set[str]) -> None:
    on_hold(people)
    known = {name: getattr(people.patient, name) for name in ("phone", "email", "mrn")}
    record: dict[str, Any] = {"thinner_restart_on": None, "restart_again": True, "meds_on_hold": []}
    with pytest.raises(NotPossible, match="Only a nurse or a physician"):
        save_record(
            staff=people.manager,
            patient=people.patient,
            procedure=the_procedure(people),
            person=known,
            record=record,
            fields=fields,
            another_person=True,
            now=timezone.now(),
        )


def test_a_manager_enrols_without_a_day_and_a_new_procedure_has_none_either(people: Cast) -> None:
    with pytest.raises(NotPossible, match="Only a nurse or a physician"):
        first_record(people.manager, {"thinner_restart_on": SOON}, timezone.now())
    assert first_record(people.manager, {"thinner_restart_on": None}, timezone.now()) == {
        "thinner_restart_on": None
    }
    assert "thinner_restart_set_at" in first_record(people.nurse, {"thinner_restart_on": SOON}, timezone.now())

"""Clinic settings for one recovery: bounded as documented, with who, when and why; never edited, only ended."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from patients.forms.override_values import FEVER_C, FEVER_F
from patients.models import AccessEvent, ClinicOverride, Patient, Procedure, Staff
from patients.selectors.plan_times import PERMISSIONS, plan_hours
from recovery.plan.book import default_book
from recovery.triage.rulebook import load_rulebook
from tests.attacks.at_once import at_once
from tests.patients.pages import signed_in, strangers, text
from tests.people import Cast

ENDED = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)  # still 31 May in Chicago
CHICAGO = ZoneInfo("America/Chicago")


@pytest.fixture
def recovery(people: Cast) -> Procedure:
    Procedure.objects.filter(pk=people.procedure.pk).update(ended_at=ENDED, pt_start_on=date(2026, 6, 20))
    people.procedure.refresh_from_db()
    return people.procedure


def address(people: Cast) -> str:
    return f"/desk/patients/{people.patient.code}/settings/"


def save(people: Cast, key: str, who: Staff | None = None, **typed: Any) -> Any:
    data = {"key": key, "reason": "Asked by the surgeon", **typed}
    return signed_in(who or people.nurse).post(address(people), data)


def live(key: str) -> Any:
    return ClinicOverride.objects.get(key=key, ended_at__isnull=True).value


@pytest.mark.parametrize(
    ("key", "typed", "stored"),
    [
        ("site_swelling_grace_hours", {"value": "0"}, 0),
        ("site_swelling_grace_hours", {"value": "72"}, 72),
        ("no_drive_until", {"value": "2026-06-09"}, "2026-06-09"),
        ("no_drive_until", {"until_cleared": "on"}, "until_cleared"),
        ("no_work_until", {"value": "2026-05-31"}, "2026-05-31"),
        ("heavy_cleared_on", {"value": "2026-05-31", "cleared_by": "Dr. Shah"}, "2026-05-31"),
        ("strenuous_cleared_on", {"value": "2026-08-01", "cleared_by": "Dr. Shah"}, "2026-08-01"),
        ("milestone_not_before_hours", {"m_drive_48h": "49", "m_pt": "1000"}, {"M-DRIVE-48H": 49, "M-PT": 1000}),
        ("ice_ok", {"value": "False"}, False),
        ("ice_ok", {"value": "True"}, True),
        ("quiet_hours", {"starts": "20:30", "ends": "09:00"}, ["20:30", "09:00"]),
        ("fever_threshold_f", {"value": "99.0"}, 99.0),
        ("fever_threshold_f", {"value": "100.3"}, 100.3),
        ("fever_threshold_c", {"value": "37.2"}, 37.2),
        ("fever_threshold_c", {"value": "37.9"}, 37.9),
    ],
)
def test_a_setting_is_stored_in_the_documented_shape(
    people: Cast, recovery: Procedure, key: str, typed: dict[str, str], stored: Any
) -> None:
    assert save(people, key, **typed).status_code == 302
    assert live(key) == stored
    assert type(live(key)) is type(stored)


YEAR, PROCEDURE = "three years", "before the procedure"
LATER, LOWER = "only be made later", "only be lowered"


@pytest.mark.parametrize(
    ("key", "typed", "words"),
    [
        ("site_swelling_grace_hours", {"value": "-1"}, "greater than or equal to 0"),
        ("site_swelling_grace_hours", {"value": "73"}, "less than or equal to 72"),
        ("site_swelling_grace_hours", {"value": "many"}, "whole number"),
        ("no_drive_until", {}, "Enter a date, or tick"),
        ("no_drive_until", {"value": "2026-06-09", "until_cleared": "on"}, "not both"),
        ("no_drive_until", {"value": "2026-05-30"}, PROCEDURE),
        ("no_work_until", {"value": "2026-02-30"}, "Enter a date that exists"),
        ("no_work_until", {"value": "2096-06-09"}, YEAR),
        ("heavy_cleared_on", {"value": "2026-05-30", "cleared_by": "Dr. Shah"}, PROCEDURE),
        ("heavy_cleared_on", {"value": "2026-06-30"}, "Name the clinician"),
        ("heavy_cleared_on", {"cleared_by": "Dr. Shah"}, "Enter a date."),
        ("strenuous_cleared_on", {"value": "2026-06-30", "cleared_by": " "}, "Name the clinician"),
        ("strenuous_cleared_on", {"value": "2099-06-30", "cleared_by": "Dr. Shah"}, YEAR),
        ("milestone_not_before_hours", {}, "at least one permission"),
        ("milestone_not_before_hours", {"m_drive_48h": "48"}, LATER),
        ("milestone_not_before_hours", {"m_walk_24h": "-5"}, LATER),
        ("milestone_not_before_hours", {"m_light_14d": "336"}, LATER),
        ("milestone_not_before_hours", {"m_pt": "400"}, LATER),
        ("milestone_not_before_hours", {"m_work_48h": "99999"}, "less than or equal to"),
        ("ice_ok", {"value": "maybe"}, "Select a valid choice"),
        ("ice_ok", {}, "Choose one."),
        ("quiet_hours", {"starts": "21:00", "ends": "21:00"}, "must differ"),
        ("quiet_hours", {"starts": "21:00", "ends": "20:00"}, "At most 16 hours"),
        ("quiet_hours", {"starts": "25:00", "ends": "08:00"}, "such as 21:00"),
        ("quiet_hours", {"starts": "21:00"}, "Enter a time."),
        ("fever_threshold_f", {"value": "100.4"}, LOWER),
        ("fever_threshold_f", {"value": "98.9"}, LOWER),
        ("fever_threshold_f", {"value": "99.55"}, LOWER),
        ("fever_threshold_f", {"value": "nan"}, LOWER),
        ("fever_threshold_c", {"value": "38"}, LOWER),
        ("fever_threshold_c", {"value": "37.1"}, LOWER),
        ("no_drive_until", {"until_cleared": "on", "reason": ""}, "Say why"),
        ("no_drive_until", {"until_cleared": "on", "reason": "x" * 201}, "at most 200"),
    ],
)
def test_a_value_outside_the_bounds_is_named_kept_and_stores_nothing(
    people: Cast, recovery: Procedure, key: str, typed: dict[str, str], words: str
) -> None:
    answer = save(people, key, **typed)
    assert answer.status_code == 422
    assert words in text(answer)
    assert "Asked by the surgeon" in text(answer) or "reason" in typed
    assert not ClinicOverride.objects.exists()


def test_a_setting_that_does_not_exist_is_not_found(people: Cast) -> None:
    assert save(people, "no_alerts", value="1").status_code == 404
    assert save(people, "no_alerts", end="1").status_code == 404


def test_every_role_sets_but_a_manager_never_lifts_a_limit(people: Cast, recovery: Procedure) -> None:
    for who in (people.nurse, people.physician, people.manager):
        assert save(people, "ice_ok", who, value="False").status_code == 302
    typed = {"value": "2026-07-01", "cleared_by": "Dr. Shah"}
    for key in ("heavy_cleared_on", "strenuous_cleared_on"):
        answer = save(people, key, people.manager, **typed)
        assert answer.status_code == 422
        assert "A nurse or a physician writes down" in text(answer)
        assert save(people, key, people.physician, **typed).status_code == 302


def test_a_cleared_limit_names_the_clinician_in_its_reason(people: Cast, recovery: Procedure) -> None:
    save(people, "heavy_cleared_on", value="2026-07-01", cleared_by="Dr. Shah")
    row = ClinicOverride.objects.get()
    assert row.reason == "Cleared by Dr. Shah. Asked by the surgeon"
    assert row.staff == people.nurse


def test_a_change_ends_the_row_before_and_never_edits_it(people: Cast, recovery: Procedure) -> None:
    save(people, "no_drive_until", until_cleared="on")
    first = ClinicOverride.objects.get()
    save(people, "no_drive_until", people.physician, value="2026-06-20", reason="Sleeps well now")
    first.refresh_from_db()
    assert first.ended_at
    assert (first.value, first.reason, first.staff) == ("until_cleared", "Asked by the surgeon", people.nurse)
    assert live("no_drive_until") == "2026-06-20"


def test_the_page_says_who_when_and_why_for_live_and_ended_ones(people: Cast, recovery: Procedure) -> None:
    save(people, "no_drive_until", until_cleared="on", reason="Dizzy at the wheel")
    page = text(signed_in(people.nurse2).get(address(people)))
    assert "No driving until: <strong>we clear it</strong>" in page
    assert "Dizzy at the wheel" in page
    assert "Nora Staff" in page
    save(people, "no_drive_until", end="1")
    row = ClinicOverride.objects.get()
    assert row.ended_at
    page = text(signed_in(people.nurse2).get(address(people)))
    assert (
        page.index("Ended settings")
        < page.index("No driving until: we clear it")
        < page.index("Dizzy at the wheel")
    )


def test_the_form_of_a_live_setting_shows_it(people: Cast, recovery: Procedure) -> None:
    save(people, "no_drive_until", until_cleared="on")
    save(people, "quiet_hours", starts="20:30", ends="09:00")
    save(people, "milestone_not_before_hours", m_work_48h="96")
    page = text(signed_in(people.nurse).get(address(people)))
    for shown in (
        r'name="until_cleared"[^>]* checked',
        r'name="starts" value="20:30"',
        r'name="m_work_48h" value="96"',
    ):
        assert re.search(shown, page), shown


def test_setting_and_ending_have_the_plan_looked_at_now_and_are_written_down(
    people: Cast, recovery: Procedure
) -> None:
    for typed in ({"value": "False"}, {"end": "1"}):
        Patient.all_clinics.update(plan_due_at=timezone.now() + timedelta(hours=6))
        before = timezone.now()
        save(people, "ice_ok", **typed)
        due = Patient.all_clinics.get(pk=people.patient.pk).plan_due_at
        assert due
        assert before <= due <= timezone.now()
    done = AccessEvent.objects.filter(subject="ice_ok").order_by("pk").values_list("action", flat=True)
    assert list(done) == ["changed a clinic setting", "ended a clinic setting"]


def test_a_closed_recovery_has_nothing_to_set(people: Cast) -> None:
    Procedure.objects.update(closed_at=timezone.now())
    assert save(people, "ice_ok", value="False").status_code == 302
    assert not ClinicOverride.objects.exists()


def test_nobody_outside_the_clinic_finds_the_page(people: Cast) -> None:
    assert Client().get(address(people)).status_code == 302
    for client in strangers(people):
        assert client.get(address(people)).status_code == 404
        assert client.post(address(people), {"key": "ice_ok", "value": "False", "reason": "x"}).status_code == 404
    assert not ClinicOverride.objects.exists()


def test_the_times_a_setting_must_be_later_than_are_those_of_the_plans_book() -> None:
    book = json.loads((Path(__file__).parents[2] / "recovery/plan/milestones.json").read_text())
    starts = {m["id"]: (m["start"], m["title"]) for m in book["milestones"] if m["type"] == "permission"}
    assert starts.keys() == PERMISSIONS.keys()
    for key, permission in PERMISSIONS.items():
        plan = {"hours": permission.hours, "days": permission.days}
        mine = {kind: value for kind, value in plan.items() if value} or {"date": "pt_start_on"}
        assert (mine, permission.title) == starts[key]
    assert default_book().note_time.hour == 9


def test_calendar_days_follow_the_patients_clocks(people: Cast) -> None:
    procedure = Procedure(ended_at=datetime(2026, 10, 30, 15, tzinfo=UTC))
    assert plan_hours(PERMISSIONS["M-LIGHT-14D"], procedure, CHICAGO) == 14 * 24 + 1
    assert plan_hours(PERMISSIONS["M-PT"], procedure, CHICAGO) == 0


def test_the_usual_fever_lines_are_those_of_the_rule_book() -> None:
    numbers = load_rulebook().content["numbers"]
    lines = (numbers["fever_threshold_f"], numbers["fever_threshold_c"])
    assert lines == (float(FEVER_F), float(FEVER_C))


def test_the_page_of_one_patient_is_not_called_as_the_page_of_the_clinic(people: Cast) -> None:
    chart = f"/desk/patients/{people.patient.code}/"
    client = signed_in(people.manager)
    assert f'<a href="{chart}settings/">Own settings</a>' in text(client.get(chart))
    page = text(client.get(f"{chart}settings/"))
    assert "<h2>Own settings of this recovery</h2>" in page
    assert "Clinic settings" not in page[page.index("<main") :]


def seen_on_the_page(people: Cast, key: str) -> str:
    row = ClinicOverride.objects.filter(key=key, ended_at__isnull=True).first()
    number = str(row.pk if row else 0)
    page = text(signed_in(people.nurse).get(address(people)))
    assert f'name="seen" value="{number}"' in page
    return number


def test_a_hold_that_a_colleague_has_just_set_is_not_overwritten_unread(people: Cast, recovery: Procedure) -> None:
    seen = seen_on_the_page(people, "no_drive_until")
    assert save(people, "no_drive_until", people.physician, until_cleared="on", seen=seen).status_code == 302
    refused = save(people, "no_drive_until", value="2026-06-09", seen=seen)
    assert refused.status_code == 422
    assert f"{people.physician.name} has just set this" in text(refused)
    assert 'value="2026-06-09"' in text(refused)
    assert live("no_drive_until") == "until_cleared"
    assert save(people, "no_drive_until", value="2026-06-09", seen=seen_on_the_page(people, "no_drive_until"))
    assert live("no_drive_until") == "2026-06-09"


def test_a_hold_that_a_colleague_changed_is_not_ended_unread(people: Cast, recovery: Procedure) -> None:
    save(people, "no_drive_until", value="2026-06-09")
    seen = seen_on_the_page(people, "no_drive_until")
    save(people, "no_drive_until", people.physician, until_cleared="on")
    said = signed_in(people.nurse).post(
        address(people), {"key": "no_drive_until", "end": "1", "seen": seen}, follow=True
    )
    assert "has just set this" in text(said)
    assert live("no_drive_until") == "until_cleared"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_set_it_at_the_same_moment_the_second_is_told(people: Cast, recovery: Procedure) -> None:
    both = [
        partial(save, people, "no_drive_until", people.nurse, until_cleared="on", seen="0"),
        partial(save, people, "no_drive_until", people.physician, value="2026-06-09", seen="0"),
    ]
    assert sorted(answer.status_code for answer in at_once(*both)) == [302, 422]
    assert ClinicOverride.objects.count() == 1

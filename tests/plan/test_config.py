"""The clinic's own times and limits reach the plan; what it did not change stays the book's."""

import json
from datetime import time, timedelta
from pathlib import Path

from recovery.plan.book import SETTINGS, book_for, default_book
from recovery.plan.milestones import evaluate
from recovery.plan.reminders import silence_limit_hours, upcoming_log_reminders, upcoming_notes
from recovery.triage.config import settings
from tests.plan.cast import END, after, calm, patient
from tests.plan.test_milestones_command import line, run


def test_no_change_is_the_products_own_book() -> None:
    assert book_for({}) is book_for(None) is default_book()


def test_the_defaults_on_the_settings_page_are_those_of_the_book() -> None:
    book = default_book()
    for key, name in SETTINGS.items():
        assert settings()[key].default == book.settings[name], key
    phases = [(row["until_h"], row["gap_h"]) for row in settings()["missed_log_h"].default]
    assert phases == [tuple(row) for row in book.settings["silence_limits_hours"]]
    assert settings()["ice_end_h"].default == next(e.end_hours for e in book.entries if e.note == "ice")
    assert book_for({key: setting.default for key, setting in settings().items()}).quiet == book.quiet


def test_reminders_keep_the_clinics_times_and_its_quiet_hours() -> None:
    book = book_for({"quiet_hours": ["20:00", "09:30"], "log_reminder_local": ["09:00", "19:00"]})
    now = after(48)
    state = calm(now, last_log_at=now - timedelta(hours=20))
    due = [note.due_local.time() for note in upcoming_log_reminders(patient(), state, now, 24, book)]
    assert due == [time(14), time(19), time(9, 30)]


def test_a_patients_own_quiet_hours_stand_before_the_clinics() -> None:
    book = book_for({"quiet_hours": ["20:00", "09:30"]})
    record = patient(overrides={"quiet_hours": ["21:00", "07:00"]}, brace_prescribed=True)
    notes = upcoming_notes(record, calm(END), END, 24, book)
    assert time(9) in [note.due_local.time() for note in notes if note.milestone_id == "M-BRACE"]


def test_ice_ends_and_starts_when_the_clinic_says() -> None:
    book = book_for({"ice_end_h": 24, "ice_slots_local": ["11:00"]})
    notes = upcoming_notes(patient(ice_reminders=True), calm(END, pain_site=3), END, 72, book)
    assert [note.key for note in notes if note.milestone_id == "M-ICE-72H"] == ["M-ICE-72H:2026-06-01T11"]
    assert evaluate(patient(), calm(after(25), pain_site=3), after(25), book)["M-ICE-72H"].status == "ended"


def test_permissions_wait_for_a_log_as_fresh_as_the_clinic_wants() -> None:
    now = after(50)
    state = calm(now, last_log_at=now - timedelta(hours=20))
    assert evaluate(patient(), state, now)["M-DRIVE-48H"].status == "reached"
    held = evaluate(patient(), state, now, book_for({"fresh_log_h": 12}))["M-DRIVE-48H"]
    assert (held.status, held.reasons) == ("withheld", ("no_recent_log",))


def test_a_strong_pain_pill_counts_as_long_as_the_clinic_says_and_the_patient_reads_how_long() -> None:
    now = after(50)
    state = calm(now, opioid_last_dose_at=now - timedelta(hours=30))
    held = evaluate(patient(), state, now, book_for({"opioid_clear_h": 48}))["M-DRIVE-48H"]
    assert held.status == "withheld"
    assert held.text.endswith("You took a strong pain pill in the last 48 hours.")


def test_silence_is_as_long_as_the_clinic_says() -> None:
    phases = [{"until_h": 336, "gap_h": 36}, {"until_h": None, "gap_h": 100}]
    book = book_for({"missed_log_h": phases})
    assert (silence_limit_hours(0, book), silence_limit_hours(336, book)) == (36, 100)


def test_the_command_reads_a_config_and_refuses_what_is_not_one(tmp_path: Path) -> None:
    lines = [line(config={"visit_prompt_day": 2}), line(config={"visit_prompt_day": 90}), line(config=[])]
    code, answers = run(tmp_path, "\n".join(lines))
    assert code == 1
    assert answers[0]["status"]["M-FOLLOWUP"] == "reached"
    assert json.loads(json.dumps(answers[1]))["error"] == "config.visit_prompt_day: must be from 1 to 14"
    assert answers[2]["error"] == "config: must be an object"

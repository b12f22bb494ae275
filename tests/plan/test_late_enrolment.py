"""Somebody enrolled late reads what came before on the plan and is not told it all at once."""

from datetime import timedelta

from recovery.plan.milestones import evaluate
from recovery.plan.reminders import upcoming_notes
from tests.plan.cast import after, calm, patient

MINUTE = timedelta(minutes=1)


def due_now(days: float, enrolled_days: float | None) -> set[str]:
    """The notes that are due at noon or so of a day, for somebody enrolled on another."""
    now = after(days=days)
    record = patient(enrolled_at=None if enrolled_days is None else after(days=enrolled_days))
    return {note.milestone_id for note in upcoming_notes(record, calm(now), now, 0)}


def test_somebody_enrolled_in_time_misses_no_note() -> None:
    assert due_now(2, 0) == due_now(2, None) == {"M-HEAVY-LIMIT", "M-WALK-24H", "M-DRIVE-48H", "M-WORK-48H"}


def test_what_came_more_than_seven_days_before_enrolment_is_on_the_plan_without_a_note() -> None:
    assert due_now(15, 15) == {"M-LIGHT-14D", "M-BONE-14D"}
    found = evaluate(patient(enrolled_at=after(days=15)), calm(after(days=15)), after(days=15))
    assert (found["M-DRIVE-48H"].status, found["M-DRIVE-48H"].due_utc) == ("reached", None)
    assert (found["M-FOLLOWUP"].status, found["M-FOLLOWUP"].due_utc) == ("reached", None)


def test_a_step_exactly_seven_days_before_enrolment_still_has_its_note() -> None:
    assert "M-FOLLOWUP" in due_now(14, 14)
    late = patient(enrolled_at=after(days=14) + MINUTE)
    now = after(days=14) + MINUTE
    assert evaluate(late, calm(now), now)["M-FOLLOWUP"].due_utc is None


def test_a_date_a_year_too_early_tells_nothing_at_once() -> None:
    assert due_now(363, 363) == set()

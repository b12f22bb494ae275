"""Promises that hold for every patient, zone and moment."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from patients.tiers import TIERS
from patients.values.wall_clock import QuietHours
from recovery.plan.book import default_book
from recovery.plan.milestones import MilestoneStatus, evaluate
from recovery.plan.reminders import upcoming_log_reminders, upcoming_notes
from tests.depth import examples
from tests.plan.cast import ZONES, wall

BOOK = default_book()
TYPES = {entry.id: entry.type for entry in BOOK.entries}
PERMISSIONS = [key for key, kind in TYPES.items() if kind == "permission"]
SIGNS = sorted({sign for group in BOOK.sign_groups.values() for sign in group} | {"bladder", "rash", "early_pain"})
# How free each status leaves the patient; a limit frees by ending, everything else by being reached.
FREEDOM = {"withheld": 0, "ask_first": 1}
LIMIT_FREEDOM = {"active": 0, "ask_first": 1}

ends = st.datetimes(wall("2020-01-01"), wall("2035-06-01"), timezones=st.just(UTC))
dates = st.none() | st.integers(-5, 100)


def freedom(key: str, found: MilestoneStatus) -> int:
    return (LIMIT_FREEDOM if TYPES[key] == "limit" else FREEDOM).get(found.status, 2)


def quietly(quiet: list[str], local: datetime) -> bool:
    start, end = (datetime.strptime(text, "%H:%M").time() for text in quiet)  # noqa: DTZ007
    return QuietHours(start, end).covers(local.time())


@st.composite
def situations(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], datetime]:
    """A patient, a state and a moment within 130 days; every field may be anything it may be."""
    end = draw(ends)
    now = end + timedelta(minutes=draw(st.integers(-2 * 1440, 130 * 1440)))
    optional = st.none() | st.integers(-130 * 1440, 0).map(lambda ago: now + timedelta(minutes=ago))

    def day() -> Any:
        number = draw(dates)
        return None if number is None else (end + timedelta(days=number)).date()

    overrides = {
        "ice_ok": draw(st.booleans()),
        "no_drive_until": draw(st.just("until_cleared") | st.none()) or day(),
        "no_work_until": day(),
        "heavy_cleared_on": day(),
        "strenuous_cleared_on": day(),
        "quiet_hours": draw(st.sampled_from([["21:00", "08:00"], ["19:30", "09:30"], ["22:00", "02:30"]])),
    }
    patient = {
        "procedure_end_at": end,
        "time_zone": draw(st.sampled_from(ZONES)),
        "job_type": draw(st.sampled_from(["none", "desk", "physical", None])),
        "brace_prescribed": draw(st.booleans()),
        "opioid_prescribed": draw(st.booleans()),
        "ice_reminders": draw(st.booleans()),
        "enrolled_at": draw(st.none() | st.integers(0, 60).map(lambda n: end + timedelta(days=n))),
        "brace_until": day(),
        "blood_thinner_held": draw(st.booleans() | st.none()),
        "thinner_restart_on": day(),
        "pt_ordered": draw(st.booleans()),
        "pt_start_on": day(),
        "next_visit_at": draw(st.none() | st.integers(0, 130).map(lambda n: end + timedelta(days=n))),
        "clinic_overrides": overrides,
    }
    state = {
        "tier": draw(st.sampled_from(TIERS)),
        "open_signs": draw(st.lists(st.sampled_from(SIGNS), unique=True, max_size=3)),
        "last_log_at": draw(optional),
        "pain_site": draw(st.none() | st.integers(0, 10)),
        "site_swelling": draw(st.sampled_from(["none", "small_not_growing", "new_or_growing", None])),
        "sent": draw(st.lists(st.sampled_from(sorted(TYPES)), unique=True, max_size=3)),
    }
    if draw(st.booleans()):
        state["opioid_last_dose_at"] = draw(optional)
    return patient, state, now


@given(situations())
def test_no_note_is_ever_due_in_quiet_hours_in_the_past_or_on_another_clock(case: Any) -> None:
    patient, state, now = case
    for found in evaluate(patient, state, now).values():
        if found.due_utc is None:
            assert found.due_local is None
            continue
        assert found.due_utc >= now
        zone = ZoneInfo(patient["time_zone"])
        assert found.due_local == found.due_utc.astimezone(zone).replace(tzinfo=None, fold=0)
        assert not quietly(patient["clinic_overrides"]["quiet_hours"], found.due_local)


@given(situations())
def test_at_911_no_note_of_any_kind_is_due(case: Any) -> None:
    patient, state, now = case
    state = {**state, "tier": "call_911"}
    assert all(found.due_utc is None for found in evaluate(patient, state, now).values())
    assert upcoming_notes(patient, state, now, 96) == []
    assert upcoming_log_reminders(patient, state, now, 96) == []


@given(situations(), st.sampled_from(SIGNS))
def test_one_more_open_sign_never_moves_a_status_toward_reached(case: Any, sign: str) -> None:
    patient, state, now = case
    before = evaluate(patient, state, now)
    after = evaluate(patient, {**state, "open_signs": [*state["open_signs"], sign]}, now)
    assert all(freedom(key, after[key]) <= freedom(key, before[key]) for key in TYPES)


@given(situations())
def test_a_higher_tier_never_moves_a_status_toward_reached(case: Any) -> None:
    patient, state, now = case
    ladder = [evaluate(patient, {**state, "tier": tier}, now) for tier in TIERS]
    for lower, higher in zip(ladder, ladder[1:], strict=False):
        assert all(freedom(key, higher[key]) <= freedom(key, lower[key]) for key in TYPES)


@given(situations(), st.integers(0, 200))
def test_an_older_log_never_moves_a_status_toward_reached(case: Any, hours: int) -> None:
    patient, state, now = case
    fresh = evaluate(patient, {**state, "last_log_at": now}, now)
    older = evaluate(patient, {**state, "last_log_at": now - timedelta(hours=hours)}, now)
    for key in TYPES:
        # Without a fresh log the lifting limit does not turn to asking: it stays a limit.
        assert freedom(key, older[key]) <= freedom(key, fresh[key])


@given(situations(), st.sampled_from(PERMISSIONS), st.floats(-5000, 5000))
def test_a_not_before_hour_never_makes_a_permission_earlier(case: Any, key: str, hours: float) -> None:
    patient, state, now = case
    later = {**patient["clinic_overrides"], "milestone_not_before_hours": {key: hours}}
    plain = evaluate(patient, state, now)[key]
    moved = evaluate({**patient, "clinic_overrides": later}, state, now)[key]
    if plain.status in ("not_yet", "not_applicable"):
        assert moved.status == plain.status
    else:
        assert moved.status in ("not_yet", plain.status)
    if plain.due_utc and moved.due_utc:
        assert moved.due_utc >= plain.due_utc


@given(situations(), st.sampled_from(["no_drive_until", "no_work_until"]))
def test_the_clinics_no_never_frees_driving_or_work(case: Any, key: str) -> None:
    patient, state, now = case
    free = {name: value for name, value in patient["clinic_overrides"].items() if name != key}
    plain = evaluate({**patient, "clinic_overrides": free}, state, now)
    held = evaluate(patient, state, now)
    for milestone in ("M-DRIVE-48H", "M-WORK-48H"):
        assert freedom(milestone, held[milestone]) <= freedom(milestone, plain[milestone])


@settings(max_examples=examples(60))
@given(situations())
def test_upcoming_notes_are_unique_in_order_within_the_horizon_and_never_quiet(case: Any) -> None:
    patient, state, now = case
    notes = [*upcoming_notes(patient, state, now, 96), *upcoming_log_reminders(patient, state, now, 96)]
    assert len({note.key for note in notes}) == len(notes)
    for note in notes:
        assert now <= note.due_utc <= now + timedelta(hours=96)
        assert not quietly(patient["clinic_overrides"]["quiet_hours"], note.due_local)


@settings(max_examples=examples(60))
@given(situations())
def test_the_next_note_of_a_milestone_is_the_one_its_status_promises(case: Any) -> None:
    patient, state, now = case
    state = {**state, "sent": []}
    found = evaluate(patient, state, now)
    first: dict[str, datetime] = {}
    for note in upcoming_notes(patient, state, now, 24 * 40):
        first.setdefault(note.milestone_id, note.due_utc)
    for key, due in first.items():
        assert due == found[key].due_utc

"""Dates that move: no note is lost, none goes out twice for the same date, none stays sent before its time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recovery.plan.book import default_book
from recovery.plan.keys import is_current
from recovery.plan.reminders import upcoming_notes
from recovery.plan.situation import read_situation
from recovery.plan.starts import start_of
from recovery.plan.told_early import came_too_early, in_words
from tests.depth import examples
from tests.plan.cast import calm, patient

BOOK = default_book()
FIRST = datetime(2026, 6, 1, 14, tzinfo=UTC)
ONCE = [entry.id for entry in BOOK.entries if entry.note == "once"]
HOUR = timedelta(hours=1)


class Phone:
    """A recovery as the plan's sweep sees it: its dates, and each note that went out, by key."""

    def __init__(self) -> None:
        self.record: dict[str, Any] = patient(
            procedure_end_at=FIRST,
            enrolled_at=FIRST,
            pt_ordered=True,
            pt_start_on="2026-06-10",
            blood_thinner_held=True,
            thinner_restart_on="2026-06-08",
            next_visit_at=FIRST + timedelta(days=9),
            overrides={"quiet_hours": ["00:00", "00:00"]},
        )
        self.sent: dict[str, datetime] = {}
        self.log: list[tuple[datetime, str, str]] = []

    def tick(self, now: datetime) -> None:
        """Take back what came too early, then send what is due."""
        s = read_situation(self.record, {"tier": "on_track"}, now, BOOK)
        for key in list(self.sent):
            if came_too_early(BOOK.entry(key.split(":")[0]), key, s, BOOK):
                del self.sent[key]
                self.log.append((now, "back", key))
        state = calm(now, sent=list(self.sent))
        for note in upcoming_notes(self.record, state, now, 0, BOOK):
            self.sent[note.key] = now
            self.log.append((now, "sent", note.key))


moves = st.lists(
    st.tuples(
        st.integers(1, 40 * 24),
        st.sampled_from(["procedure_end_at", "thinner_restart_on", "pt_start_on", "next_visit_at"]),
        st.integers(-20 * 24, 20 * 24),
    ),
    max_size=4,
)


def _run(changes: list[tuple[int, str, int]]) -> Iterator[tuple[datetime, Phone]]:
    """Sixty days by the hour; each change moves one date by so many hours."""
    phone = Phone()
    for hours in range(60 * 24):
        now = FIRST + hours * HOUR
        for _, name, by in (change for change in changes if change[0] == hours):
            phone.record[name] = _moved(phone.record[name], by, now)
        phone.tick(now)
        yield now, phone


def _moved(value: Any, hours: int, now: datetime) -> Any:
    if isinstance(value, datetime):
        # A procedure is over when it is recorded.
        return min(value + hours * HOUR, now) if value <= now else value + hours * HOUR
    return str((datetime.fromisoformat(value) + hours * HOUR).date())


@settings(max_examples=examples(25, fewest=2), deadline=None)
@given(moves)
@pytest.mark.slow
def test_nothing_stays_sent_before_its_time_and_nothing_is_sent_twice(changes: list[tuple[int, str, int]]) -> None:
    for now, phone in _run(changes):
        s = read_situation(phone.record, {"tier": "on_track"}, now, BOOK)
        for key in phone.sent:
            entry = BOOK.entry(key.split(":")[0])
            start = start_of(entry, s, BOOK)
            if entry.note == "once" and is_current(key, entry, s) and ":" not in key:
                assert start is not None
                assert start <= now, key
    # Between two sendings of one key it was taken back.
    last: dict[str, str] = {}
    for _, what, key in phone.log:
        assert last.get(key) != what, key
        last[key] = what


@settings(max_examples=examples(25, fewest=2), deadline=None)
@given(moves)
@pytest.mark.slow
def test_no_note_is_lost_once_the_dates_rest(changes: list[tuple[int, str, int]]) -> None:
    *_, (now, phone) = _run(changes)
    s = read_situation(phone.record, {"tier": "on_track"}, now, BOOK)
    late = FIRST - timedelta(days=BOOK.settings["late_enrolment_days"])
    for milestone in ("M-WALK-24H", "M-DRIVE-48H", "M-WORK-48H", "M-HOME-72H", "M-LIGHT-14D", "M-BONE-14D"):
        start = start_of(BOOK.entry(milestone), s, BOOK)
        assert start is not None
        if late <= start <= now:
            assert milestone in phone.sent, milestone


@given(st.integers(1, 400), st.integers(0, 60))
@pytest.mark.slow
def test_a_procedure_typed_too_early_is_whole_again_after_the_correction(days: int, at_hour: int) -> None:
    phone = Phone()
    now = FIRST + at_hour * HOUR
    phone.record["procedure_end_at"] = FIRST - timedelta(days=days)
    phone.tick(now)
    phone.record["procedure_end_at"] = FIRST
    for hours in range(at_hour, 80):
        phone.tick(FIRST + hours * HOUR)
    assert {"M-WALK-24H", "M-DRIVE-48H", "M-HOME-72H"} <= set(phone.sent)
    assert phone.sent["M-DRIVE-48H"] >= FIRST + 48 * HOUR
    assert phone.sent["M-HOME-72H"] >= FIRST + 72 * HOUR


def test_what_was_taken_back_is_said_until_its_time_comes() -> None:
    told = [("M-DRIVE-48H", "M-DRIVE-48H"), ("M-BONE-14D", "M-BONE-14D"), ("M-PT", "M-PT:2026-06-01")]
    record = patient(pt_ordered=True, pt_start_on="2026-06-15")

    def said(hours: float) -> dict[str, str]:
        s = read_situation(record, {"tier": "on_track"}, FIRST + hours * HOUR, BOOK)
        return {item.milestone_id: item.words for item in in_words(told, s, BOOK)}

    # A lesson that came early hurts nobody.
    assert said(1) == {"M-DRIVE-48H": "Not before Wed Jun 3.", "M-PT": "Not before Mon Jun 15."}
    assert said(48) == {"M-PT": "Not before Mon Jun 15."}
    assert said(24 * 14) == {}

"""The milestone book is well formed: a clinician can change it and see here what is wrong with it."""

import re
from datetime import datetime
from typing import Any

from recovery.plan.book import default_book
from recovery.plan.vocabulary import STATUSES
from tests.plan.cast import after, one, patient

BOOK = default_book()
REASONS = {
    "tier", "clinic_override", "no_recent_log", "leg_sign", "leg_or_fall", "opioid_24h", "opioid_unknown",
    "physical_job", "needs_clearance", "site_pain_still_there", "site_or_numb_sign", "call_before_restart",
    "no_visit_set", None,
}  # fmt: skip
SOURCE = re.compile(r"(verywell|healthwise|guide|recovery-overview|back-pain|default) [A-Z]+-\d+")


def test_there_are_18_milestones_in_the_order_of_the_table() -> None:
    assert len(BOOK.entries) == len(BOOK.ids) == 18
    assert (BOOK.entries[0].id, BOOK.entries[-1].id) == ("M-REST-24H", "M-LONG")


def test_every_gate_names_a_known_test_status_and_reason_and_every_test_is_used() -> None:
    gates = [gate for entry in BOOK.entries for gate in entry.gates]
    assert {gate.test for gate in gates} == set(BOOK.tests)
    assert {gate.then for gate in gates} <= set(STATUSES)
    assert {gate.reason for gate in gates} <= REASONS


def test_every_milestone_has_its_sources_and_a_text_for_each_status_it_can_show() -> None:
    for entry in BOOK.entries:
        assert entry.sources
        assert all(SOURCE.fullmatch(source) for source in entry.sources)
        shown = {entry.outcome, *(gate.then for gate in entry.gates)} & {"active", "reached", "ask_first"}
        assert shown <= set(entry.texts), entry.id


def test_no_limit_can_be_withheld() -> None:
    for entry in BOOK.entries:
        if entry.type == "limit":
            assert all(gate.then != "withheld" for gate in entry.gates)


def test_every_permission_stops_at_doctor_now_and_all_but_pt_need_a_fresh_log() -> None:
    for entry in BOOK.entries:
        if entry.type == "permission":
            tests = {gate.test for gate in entry.gates if gate.then == "withheld"}
            assert tests & {"tier_doctor_now", "tier_watch_or_worse"}
            assert entry.id == "M-PT" or "no_recent_log" in tests


def test_no_text_says_you_can_lift_it_only_says_to_ask_if_you_can() -> None:
    for entry in BOOK.entries:
        assert not any(
            re.search(r"(?<!if )you can lift|back to normal", text, re.IGNORECASE) for text in entry.texts.values()
        )


def test_texts_are_as_agreed() -> None:
    def text(key: str, now: datetime, **state: Any) -> str:
        return one(key, now, patient(brace_prescribed=True), **state).text

    assert text("M-REST-24H", after()) == "Rest today. Short walks in the house are fine."
    assert text("M-HEAVY-LIMIT", after()) == "Do not lift heavy things, bend, or twist."
    assert text("M-DRIVE-48H", after(48)) == "Many people can drive now. Ask if you are not sure."
    assert text("M-BRACE", after(48)) == "Wear your brace as you were told."
    assert text("M-STREN-28D", after(days=28)) == "Ask your doctor if you can do hard exercise yet."
    assert text("M-LONG", after(days=1)) == ""

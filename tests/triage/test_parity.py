"""One rule book, two engines: the phone's answer is the server's, in every word, on everything we can think of."""

import itertools
import re
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recovery.management.phone_engine import InChromium, Phone
from recovery.triage.rulebook import load_rulebook
from tests.depth import examples
from tests.triage.answers import CALM_LOG, EDGE_HOURS, PATIENT
from tests.triage.cases import CASES, NOTICES, PRIORITIES, situation
from tests.triage.cases_latch import LATCH_CASES
from tests.triage.inputs import cases_of, conditions, shown_and_acknowledged
from tests.triage.known_words import STANDS
from tests.triage.phone import differences
from tests.triage.strategies import (
    Situation,
    many_configured,
    many_situations,
    paired_answers,
    single_answers,
    situations,
)
from tests.triage.test_against_oracle import staged

LANGUAGES = load_rulebook().content["free_text"]["languages"]
HANDWRITTEN = [case for _, hit, miss in [*CASES, *LATCH_CASES, *NOTICES] for case in (hit, miss)]
HANDWRITTEN += [case for _, case in PRIORITIES]
# Python's classes of characters, and the boundaries of words that the phone has to find without look-behind.
AROUND = [
    "",
    " ",
    "_",
    "-",
    "'",
    "\u2019",
    ".",
    "\n",
    "\x0b",
    "\x1c",
    "\x1f",
    "\x85",
    "\xa0",
    "\ufeff",
    "\u2028",
    "\u200b",
    "a",
    "\u00e9",
    "\u00b2",
    "\u2167",
    "\u4e00",
    "\U0001d400",
    "\U0001f600",
    "\ud800",
    "9",
]
ZONES = ["UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca", "Europe/London", None]

often = settings(
    max_examples=examples(300),
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
# A letter newer than this Python is a letter to the phone alone; the server, which judges again, is stricter.
KNOWN_LETTERS = st.characters(exclude_categories=["Cn"])


def test_it_agrees_on_every_hand_written_case(phone: Phone) -> None:
    assert differences(phone, map(situation, HANDWRITTEN)) == []


@pytest.mark.parametrize("identifier", conditions())
def test_it_agrees_on_every_value_of_what_a_rule_looks_at(phone: Phone, identifier: str) -> None:
    assert differences(phone, cases_of(conditions()[identifier], seed=7)) == []


def test_it_agrees_on_every_pair_of_rules(phone: Phone) -> None:
    cases = [hit for _, hit, _ in [*CASES, *LATCH_CASES]]
    pairs = itertools.combinations(cases, 2)
    assert differences(phone, (situation(together(one, two)) for one, two in pairs)) == []


def together(one: dict[str, Any], two: dict[str, Any]) -> dict[str, Any]:
    """Both cases at once; where they disagree the second is heard, and the alerts of both are open."""
    both = {**one, **two, "PATIENT": {**one.get("PATIENT", {}), **two.get("PATIENT", {})}}
    alerts = [case["ALERT"] for case in (one, two) if "ALERT" in case]
    if len(alerts) == 2:
        both["PATIENT"] = {**both["PATIENT"], "alerts": alerts}
        del both["ALERT"]
    return both


def test_it_agrees_on_every_pair_of_answers(phone: Phone) -> None:
    assert differences(phone, staged(paired_answers(CALM_LOG))) == []


@pytest.mark.parametrize("base", [CALM_LOG, {}], ids=["calm", "absent"])
def test_it_agrees_on_every_answer_at_every_hour_of_the_rules(phone: Phone, base: dict[str, Any]) -> None:
    cases = (case for hours in EDGE_HOURS for case in staged(single_answers(base), hours))
    assert differences(phone, cases) == []


def test_it_agrees_on_every_sign_and_every_state_of_its_alert(phone: Phone) -> None:
    assert differences(phone, shown_and_acknowledged()) == []


def test_it_agrees_on_thousands_of_patients_with_histories_alerts_and_overrides(phone: Phone) -> None:
    assert differences(phone, many_situations(seed=11, count=12_000)) == []


def test_it_agrees_on_thousands_of_patients_of_clinics_with_numbers_of_their_own(phone: Phone) -> None:
    assert differences(phone, many_configured(seed=14, count=12_000)) == []
    assert differences(phone, many_configured(seed=15, count=3_000, silent=True)) == []


def test_it_agrees_on_silence(phone: Phone) -> None:
    assert differences(phone, many_situations(seed=12, count=3_000, silent=True)) == []


@often
@given(case=situations() | situations(silent=True))
def test_it_agrees_wherever_hypothesis_looks(phone: Phone, case: Situation) -> None:
    assert differences(phone, [case]) == []


def notes() -> Iterator[str]:
    """Each sentence read by hand with everything that may stand beside it and between its words."""
    yield from STANDS
    for text in STANDS:
        for mark in AROUND:
            yield f"x {mark}{text} y"
            yield f"x {text}{mark} y"
            yield f"NO{mark}{text.upper().replace(' ', mark)}"


def test_it_agrees_on_every_sentence_in_every_company(phone: Phone) -> None:
    assert differences(phone, ((PATIENT, 30.0, {**CALM_LOG, "notes": note}, []) for note in notes())) == []


@often
@given(
    note=st.text(KNOWN_LETTERS, max_size=60),
    known=st.sampled_from(list(STANDS)),
    at=st.integers(0, 60),
    by=st.sampled_from(["self", "caregiver"]),
)
def test_it_agrees_on_a_sentence_anywhere_in_any_text(
    phone: Phone, note: str, known: str, at: int, by: str
) -> None:
    log = {**CALM_LOG, "notes": note[:at] + known + note[at:], "logged_by": by}
    assert differences(phone, [(PATIENT, 30.0, log, [])]) == []


def words_in_any_order(seed: int, count: int) -> Iterator[str]:
    """Rows of words that patterns are made of, with what may stand between them."""
    chance = Random(seed)
    words = [word for row in LANGUAGES for listed in row["lists"].values() for word in listed]
    for row in LANGUAGES:
        written = [text for part in ("concepts", "marks") for rows in row[part].values() for text in rows]
        words += [word for text in written for word in re.split(r"[ |]", text) if word[:1].isalpha()]
    words = [word.strip("*%?") for word in words] + ["101.4", "102", "39", "2015", "110/70", "3", "102f"]
    between = (" ", " ", " ", " ", ", ", ". ", "\n", " - ")
    for _ in range(count):
        yield "".join(chance.choice(words) + chance.choice(between) for _ in range(12))


@pytest.mark.slow
def test_it_agrees_on_the_words_of_the_table_in_any_order(phone: Phone) -> None:
    texts = words_in_any_order(seed=9, count=8_000)
    logs = ({"notes": text, "logged_by": by} for text in texts for by in ("self", "caregiver"))
    assert differences(phone, ((PATIENT, 30.0, {**CALM_LOG, **log}, []) for log in logs)) == []


def moments() -> Iterator[Situation]:
    """The clinic's date is reached, or not yet: around each midnight, through clock changes."""
    ends = [
        "2026-03-07T23:30:00-05:00",
        "2026-10-31T12:00:00.000001+00:00",
        "2011-12-29T23:59:59.999999-10:00",
        "2026-03-28T23:00:00+05:45",
        "1999-12-31T23:59:59+00:00:30",
        "2026-06-01T00:00:00-03:30:15.000007",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-11:00",
        "0001-01-01T00:00:00+00:00",
    ]
    micro = 1 / 3_600_000_000
    spans = [0, 0.5, -0.5, 12, 23, 23.5, 24, 24.5, 25, 47.99999999999, 1e-12, 1e8, -1e8, 1e300, -1e300, 2190 * 8]
    spans += [h + step * micro for h in (0.0, 0.5, 24.0, -24.0) for step in (-1, -0.5, 0.5, 1, 1.5, 2.5)]
    days = ["0001-01-01", "2011-12-30", "2026-03-08", "2026-03-29", "2026-11-01", "9999-12-31"]
    for end, zone, hours, day in itertools.product(ends, ZONES, spans, days):
        overrides = {"heavy_cleared_on": day}
        log = {**CALM_LOG, "activities": ["lifted_heavy", "bent_twisted"]}
        yield {"procedure_end_at": end, "time_zone": zone, "clinic_overrides": overrides}, hours, log, []


def test_it_agrees_on_the_patients_calendar(phone: Phone) -> None:
    assert differences(phone, itertools.islice(moments(), 0, None, 5)) == []


def test_letters_are_the_same_characters_on_both_sides(phone: Phone) -> None:
    """A phrase next to each letter, digit, space or mark that this Python knows."""
    known = (chr(code) for code in range(0x20, 0x30000) if chr(code).isprintable() or chr(code).isspace())
    shown = [mark for mark in known if re.fullmatch(r"[^\W_]|\s", mark)][::41]
    cases: list[Situation] = [(PATIENT, 30.0, {**CALM_LOG, "notes": f"{mark}pus"}, []) for mark in shown]
    assert differences(phone, cases) == []


def test_a_sign_of_a_newer_rule_book_is_never_quieted(phone: Phone) -> None:
    alert = {"sign": "not_yet_known", "tier": "call_doctor_now", "opened_hours": 20.0}
    verdict = phone.judge([({**PATIENT, "alerts": [alert]}, 30.0, CALM_LOG, [])])[0]
    assert (verdict["tier"], verdict["fired"][0]["signs"]) == ("call_doctor_now", ["not_yet_known"])


def test_a_zone_the_phone_does_not_know_leaves_the_date_unknown(phone: Phone) -> None:
    patient = {**PATIENT, "time_zone": "Moon/Tranquility", "clinic_overrides": {"heavy_cleared_on": "2020-01-01"}}
    verdict = phone.judge([(patient, 30.0, {**CALM_LOG, "activities": ["lifted_heavy"]}, [])])[0]
    assert [rule["id"] for rule in verdict["fired"]] == ["RW-26"]


@pytest.mark.browser
def test_a_browser_agrees_under_our_content_security_policy(page: Any) -> None:
    cases = [*map(situation, HANDWRITTEN), *many_situations(seed=13, count=1_000)]
    assert differences(InChromium(page), cases) == []

"""Check that the numbers of defaults.toml fit together; for example, the fever limit must be above the low one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recovery.triage.facts import GRACE, MAX_GRACE_HOURS
from recovery.triage.problem import Problem

FILE = "defaults.toml"
# Each number must be less than the next one. NOT_OVER lists pairs that may be equal.
ASCENDING: Sequence[Sequence[str]] = (
    ("temp_plausible_f_low", "low_grade_f", "fever_threshold_f", "temp_plausible_f_high"),
    ("temp_plausible_c_low", "low_grade_c", "fever_threshold_c", "temp_plausible_c_high"),
    ("temp_plausible_c_high", "temp_plausible_f_low"),
    ("early_check_h", "late_check_h"),
    ("apap_caution_mg", "apap_max_mg"),
)
NOT_OVER = (("late_check_h", "site_pain_h"), ("ack_ttl_h", "latch_h"), ("site_rise", "site_rise_floor"))
# Numbers outside these ranges are typing errors: scores 0 to 10, hours up to a year, doses in milligrams.
RANGES: Mapping[str, tuple[float, float]] = {
    **dict.fromkeys(("temp_plausible_f_low", "temp_plausible_f_high"), (90, 115)),
    **dict.fromkeys(("temp_plausible_c_low", "temp_plausible_c_high"), (32, 46)),
    **dict.fromkeys(("low_grade_f", "fever_threshold_f"), (98.6, 102.2)),
    **dict.fromkeys(("low_grade_c", "fever_threshold_c"), (37, 39)),
    **dict.fromkeys(("pain_low_max", "rise_floor", "severe_pain_early", "severe_site_pain"), (1, 10)),
    **dict.fromkeys(("rise_vs_last", "rise_vs_7day_low", "site_rise", "site_rise_floor"), (1, 10)),
    **dict.fromkeys(("base_worse", "pain_mcid"), (1, 10)),
    **dict.fromkeys(("pain_reduction_frac", "pain_mcid_frac"), (0.01, 1)),
    **dict.fromkeys(("early_check_h", "late_check_h", "site_pain_h"), (1, 8760)),
    **dict.fromkeys(("opioid_clear_h", "ack_ttl_h", "latch_h"), (1, 8760)),
    **dict.fromkeys(("apap_max_mg", "apap_caution_mg"), (500, 4000)),
    GRACE: (0, MAX_GRACE_HOURS),
}
# The same fever limit in both units: 38.0 °C is 100.4 °F.
SAME_FEVER = 0.2


def threshold_problems(content: Mapping[str, Any]) -> Iterator[Problem]:
    """Return the numbers, silence phases and minutes that are out of order or out of range."""
    numbers = content["numbers"]
    for name, (low, high) in RANGES.items():
        if name not in numbers:
            yield Problem(FILE, name, "is missing")
        elif not low <= numbers[name] <= high:
            yield Problem(FILE, name, f"{numbers[name]} must be from {low} to {high}")
    for low_name, high_name, may_equal in _pairs():
        low, high = numbers.get(low_name), numbers.get(high_name)
        if low is not None and high is not None and (low > high or (low == high and not may_equal)):
            limit = "at most" if may_equal else "under"
            yield Problem(FILE, low_name, f"{low} must be {limit} {high_name}, {high}")
    for pair in (("fever_threshold_f", "fever_threshold_c"), ("low_grade_f", "low_grade_c")):
        in_f, in_c = (numbers.get(name) for name in pair)
        if in_f is not None and in_c is not None and abs((in_f - 32) / 1.8 - in_c) > SAME_FEVER:
            yield Problem(FILE, pair[0], f"{in_f} F is not {pair[1]}, {in_c} C")
    yield from _phases(content["missed_log"])
    yield from _minutes(content)


def _pairs() -> Iterator[tuple[str, str, bool]]:
    for names in ASCENDING:
        for low, high in zip(names, names[1:], strict=False):
            yield low, high, False
    for low, high in NOT_OVER:
        yield low, high, True


def _phases(phases: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Check that each phase ends later and allows at least as long a silence; only the last has no end."""
    end, gap = 0.0, 0.0
    for number, phase in enumerate(phases, start=1):
        row = f"missed_log {number}"
        if ("until_h" in phase) == (number == len(phases)):
            yield Problem(FILE, row, "only the last phase has no until_h")
        if phase["gap_h"] <= 0 or phase["gap_h"] < gap:
            yield Problem(FILE, row, f"gap_h {phase['gap_h']} must be over 0 and not under the phase before it")
        if phase.get("until_h", end + 1) <= end:
            yield Problem(FILE, row, f"until_h {phase['until_h']} must be over {end:g}")
        end, gap = phase.get("until_h", end), phase["gap_h"]
    if not phases:
        yield Problem(FILE, "", "has no [[missed_log]]")


def _minutes(content: Mapping[str, Any]) -> Iterator[Problem]:
    minutes = content["fallback_minutes"]
    signs = {row["key"] for row in content["signs"]["sign"]}
    for sign, wait in minutes.items():
        if sign != "default" and sign not in signs:
            yield Problem(FILE, "fallback_minutes", f"there is no sign {sign!r}")
        if not 1 <= wait <= minutes["default"] or wait > 60:
            yield Problem(FILE, "fallback_minutes", f"{sign}: {wait} must be from 1 to the default, at most 60")

"""Hand-written cases for open alerts: signs that went away, and signs that a nurse knows about."""

from typing import Any

from tests.triage.cases import BLADDER_OLD, GRACE, LITTLE_SWELLING, NUMB_OLD, alert, contacted, earlier, on_file

FINE = {"short_answer": "fine", "door": "sms"}
LONG_GRACE = {"PATIENT": {"clinic_overrides": {"site_swelling_grace_hours": 72}}}
LEGS_WEAK = {"weak": "yes", "weak_where": ["legs"], "weak_stand": "hard"}


def evaluated(sign: str, **snapshot: Any) -> dict[str, Any]:
    """The alert was answered by an examination in person, 5 hours ago."""
    return contacted(sign, ack="evaluated", **snapshot)


KNOWN_LEAK = evaluated("bladder", level="leak")
# As in `cases`: the rule, answers that fire it, answers that do not.
LATCH_CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("RL-01", alert("em_chest_pain", ack="seen"), alert("em_chest_pain", ack="contacted")),
    ("RL-02", alert("weak"), alert("weak", ack="evaluated")),
    ("RL-03", {"bladder": "leak", **KNOWN_LEAK}, {"bladder": "cannot_pee", **KNOWN_LEAK}),
    ("RL-03", {"bladder": "leak", **KNOWN_LEAK}, {"bladder": "leak", **evaluated("bladder")}),
    (
        "RL-03",
        {"pain_move": 5, "back_change": "same", **contacted("back_pain_up", pain=5)},
        {"pain_move": 5, "back_change": "worse", **contacted("back_pain_up", pain=5)},
    ),
    (
        "RL-03",
        {"pain_move": 5, "back_change": "same", **contacted("back_worse_than_before", pain=5)},
        {"pain_move": 5, "back_change": "worse", **contacted("back_worse_than_before", pain=5)},
    ),
    # "Fine" by one word shows no sign absent: what is unanswered stays as it is in silence.
    ("RL-04", {**FINE, **alert("rash")}, {**FINE, "door": "app", **alert("rash")}),
    ("RL-01", {**FINE, "door": "app", **alert("em_breath")}, {**FINE, **alert("em_breath")}),
    ("RL-02", {**FINE, "door": "app", **alert("weak")}, {**FINE, **alert("weak")}),
    (
        "RL-03",
        {"rash": "yes", **contacted("rash")},
        {"rash": "yes", **alert("rash", ack="contacted", ack_hours=-18.1)},
    ),
    ("RL-03", {"weak": "yes", **contacted("weak", ack="evaluated")}, {"weak": "yes", **contacted("weak")}),
    (
        "RL-03",
        {**NUMB_OLD, **contacted("numb", regions=["legs"])},
        {**NUMB_OLD, **contacted("numb", regions=["belly"])},
    ),
    (
        "RL-03",
        {"temp_value": 102.1, "temp_unit": "F", **contacted("fever", temp_c=38.5)},
        {"temp_value": 102.2, "temp_unit": "F", **contacted("fever", temp_c=38.5)},
    ),
    (
        "RL-03",
        {"temp_value": 38.9, **contacted("fever", temp_c=38.5)},
        {"temp_value": 39.0, **contacted("fever", temp_c=38.5)},
    ),
    ("RL-04", {"SILENT": True, **alert("rash")}, {"SILENT": True, **alert("rash", ack="contacted")}),
    ("RL-01", alert("em_breath"), {"em_breath": "some", **alert("em_breath")}),
    ("RL-01", alert("weak_stand_cannot"), {"weak": "yes", "weak_stand": "cannot", **alert("weak_stand_cannot")}),
    ("RL-02", alert("site_redness"), {"site_redness": "new_or_spreading", **alert("site_redness")}),
    ("RL-02", alert("rash"), alert("early_pain")),
    ("RL-03", {"weak": "yes", **evaluated("weak")}, {"weak": "yes", **evaluated("weak", regions=["legs"])}),
    (
        "RL-03",
        {**LEGS_WEAK, **evaluated("weak", regions=["legs"], weak_stand="hard")},
        {**LEGS_WEAK, **evaluated("weak", regions=["legs"], weak_stand="can")},
    ),
    (
        "RL-03",
        {**NUMB_OLD, **contacted("numb", regions=["legs"])},
        {**NUMB_OLD, "numb_change": "worse", **contacted("numb", regions=["legs"])},
    ),
    (
        "RL-03",
        {**BLADDER_OLD, **KNOWN_LEAK, **on_file("bladder")},
        {**BLADDER_OLD, "bladder_change": "worse", **KNOWN_LEAK},
    ),
    (
        "RL-03",
        {"fever_feel": "yes", **contacted("fever")},
        {"fever_feel": "yes", **contacted("fever", temp_c=38.5)},
    ),
    ("RL-03", {"temp_value": 38.0, **contacted("fever", temp_c=38.5)}, {"temp_value": 38.0, **contacted("fever")}),
    (
        "RL-03",
        {"pain_move": 5, **contacted("back_pain_up", pain=4)},
        {"pain_move": 6, **contacted("back_pain_up", pain=4)},
    ),
    (
        "RL-03",
        {"pain_move": 5, **contacted("back_worse_than_before", pain=4)},
        {"pain_move": 6, **contacted("back_worse_than_before", pain=4)},
    ),
    (
        "RL-03",
        {"pain_site": 4, **contacted("site_pain_up", pain_site=3)},
        {"pain_site": 5, **contacted("site_pain_up", pain_site=3)},
    ),
    (
        "RL-03",
        {"site_swelling": "small_not_growing", **contacted("site_swelling")},
        {"site_swelling": "new_or_growing", **contacted("site_swelling")},
    ),
    (
        "RL-03",
        {"pain_move": 5, "back_change": "same", **contacted("back_new_sudden")},
        {"pain_move": 5, "back_change": "worse", **contacted("back_new_sudden")},
    ),
    ("RW-28", {**LITTLE_SWELLING, **GRACE}, {**LITTLE_SWELLING, **GRACE, "fever_feel": "yes", "temp_value": 98.6}),
    (
        "RW-28",
        {**LITTLE_SWELLING, **GRACE, **alert("rash")},
        {**LITTLE_SWELLING, **GRACE, **alert("site_swelling")},
    ),
    # A grace is 72 hours at most.
    (
        "RW-28",
        {**LITTLE_SWELLING, **LONG_GRACE, "HOURS": 71.9},
        {**LITTLE_SWELLING, **LONG_GRACE, "HOURS": 72.0},
    ),
    # A rise to 4 or more that a nurse knows about is not a small rise.
    (
        "RW-04",
        {"pain_move": 3, **contacted("back_pain_up", pain=4), **earlier(pain_move=1)},
        {"pain_move": 5, **contacted("back_pain_up", pain=4), **earlier(pain_move=3)},
    ),
]

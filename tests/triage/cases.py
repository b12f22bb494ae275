"""Hand-written cases: for each rule what fires it, and the nearest thing that does not.

A row is (rule, answers that fire it, answers that do not). An answer set is laid over the calm log;
keys in capitals set the scene: PATIENT, HOURS, HISTORY, ALERT (see `situation`).
"""

from typing import Any

from tests.triage.answers import CALM_LOG, PATIENT, TIER_OF_SIGN

NUMB_OLD = {"numb": "yes", "numb_where": ["legs"], "numb_change": "same_as_before"}
WEAK_OLD = {"weak": "yes", "weak_where": ["legs"], "weak_change": "same_as_before"}
CANNOT_STAND_OLD = {**WEAK_OLD, "weak_stand": "cannot"}
LEG_OLD = {"em_leg_move": "one_cannot", "em_leg_move_change": "same_as_before"}
BLADDER_OLD = {"bladder": "leak", "bladder_change": "better"}
BOWEL_OLD = {"bowel": "leak", "bowel_change": "same_as_before"}
LITTLE_SWELLING = {"site_swelling": "small_not_growing", "HOURS": 23.9}
GRACE = {"PATIENT": {"clinic_overrides": {"site_swelling_grace_hours": 24}}}
SLEEPY = {"took_as_directed": "more", "energy": "very_tired"}
NO_DATE = {"blood_thinner_held": True}
HELD = {"blood_thinner_held": True, "thinner_restart_on": "2026-03-09"}


def on_file(*codes: str) -> dict[str, Any]:
    """The clinic recorded these before the procedure."""
    return {"PATIENT": {"baseline_symptoms": list(codes)}}


def alert(sign: str, **changes: Any) -> dict[str, Any]:
    """An open alert of this sign, unanswered, opened 10 hours ago (at hour 20 of 30)."""
    plain = {"sign": sign, "tier": TIER_OF_SIGN[sign], "status": "open", "opened_hours": 20.0}
    return {"ALERT": {**plain, "ack": "none", "ack_hours": None, "snapshot": {}, **changes}}


def contacted(sign: str, *, ack: str = "contacted", **snapshot: Any) -> dict[str, Any]:
    """The same alert, answered 5 hours ago."""
    return alert(sign, ack=ack, ack_hours=25.0, snapshot=snapshot)


def earlier(**answers: Any) -> dict[str, Any]:
    """One log, 12 hours ago."""
    return {"HISTORY": [(12.0, answers)]}


def crept(*, low: int = 1, at: float = 100.0, now: float = 400.0) -> dict[str, Any]:
    """Pain was at its lowest at this hour, and has gone up a point at a time since."""
    return {"HOURS": now, "HISTORY": [(now - at, {"pain_move": low}), (12.0, {"pain_move": 3})]}


def situation(case: dict[str, Any]) -> tuple[dict, float, dict | None, list[dict]]:
    """A case as a judge is given it: patient, hours (30 unless said), log, history (as hours ago)."""
    case = dict(case)
    hours = case.pop("HOURS", 30.0)
    patient = {**PATIENT, **case.pop("PATIENT", {})}
    if "ALERT" in case:
        patient["alerts"] = [case.pop("ALERT")]
    history = [{"hours": hours - ago, "log": log} for ago, log in case.pop("HISTORY", [])]
    return patient, hours, None if case.pop("SILENT", False) else {**CALM_LOG, **case}, history


CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("R911-01", {"em_feels_emergency": "yes"}, {"em_feels_emergency": "no"}),
    ("R911-02", {"em_passed_out": "yes"}, {"em_passed_out": "almost"}),
    ("R911-03", {"em_breath": "severe"}, {"em_breath": "some"}),
    ("R911-04", {"em_breath": "usual"}, {"em_breath": "usual", **on_file("breath_usual")}),
    ("R911-04", {"em_breath": "some", **on_file("breath_usual")}, {"em_breath": "none"}),
    ("R911-05", {"em_chest_pain": "yes", "HOURS": 90000.0}, {"em_chest_pain": None}),
    ("R911-06", {"em_cough_blood": "yes", "HOURS": -3.0}, {"em_cough_blood": "no"}),
    ("R911-07", LEG_OLD, {**LEG_OLD, **on_file("leg_paralysis")}),
    ("R911-07", {"em_leg_move": "both_cannot", **on_file("leg_paralysis")}, {"em_leg_move": "both_move"}),
    ("R911-08", {"weak": "yes", "weak_stand": "cannot"}, {"weak": "yes", "weak_stand": "hard"}),
    ("R911-08", {"nerve_gate": "none", "weak": "no", "weak_stand": "cannot"}, {"weak": "no", "weak_stand": "can"}),
    ("R911-08", CANNOT_STAND_OLD, {**CANNOT_STAND_OLD, **on_file("cannot_stand")}),
    ("R911-08", {**CANNOT_STAND_OLD, **on_file("weak_legs")}, {**CANNOT_STAND_OLD, **on_file("leg_paralysis")}),
    (
        "R911-08",
        {**CANNOT_STAND_OLD, "weak_change": "better", **on_file("cannot_stand")},
        {**CANNOT_STAND_OLD, "weak_stand": "hard", **on_file("cannot_stand")},
    ),
    ("R911-09", {"em_hard_to_wake": "yes"}, {"em_hard_to_wake": "no"}),
    ("R911-10", {"em_face_throat_swelling": "yes"}, {}),
    ("R911-11", {"em_gate": "some"}, {"em_gate": "some", "em_passed_out": "almost"}),
    ("R911-12", {"notes": "Now I can\u2019t breathe"}, {"notes": "I do not have chest pain"}),
    (
        "R911-12",
        {"notes": "Chest pain", "notes_confirm": "yes_now"},
        {"notes": "paralyzed", "notes_confirm": "not_now"},
    ),
    ("R911-12", {"question_for_team": "I have chest pain now"}, {"question_for_team": "when may I swim"}),
    (
        "R911-12",
        {"notes": "chest-pain", "notes_confirm": "not_now", "notes_asked": ["fever"]},
        {"notes": "chest-pain", "notes_confirm": "not_now", "notes_asked": ["chest"]},
    ),
    ("R911-13", {"bladder": "leak", "weak": "yes"}, {"bladder": "leak", "weak": "yes", "weak_change": "better"}),
    ("R911-13", {"bowel": "leak", "numb": "yes"}, {"bowel": "leak", "numb": "yes", "numb_where": ["legs"]}),
    (
        "R911-13",
        {"bladder": "leak", "numb": "yes", "numb_where": ["legs", "buttocks"]},
        {**BLADDER_OLD, "numb": "yes", "numb_where": ["legs", "buttocks"]},
    ),
    (
        "R911-13",
        {"bladder": "cannot_pee", "bladder_change": "same_as_before", "weak": "yes"},
        {"bladder": "leak", "bladder_change": "same_as_before", "weak": "yes"},
    ),
    ("R911-13", {**BOWEL_OLD, "weak": "yes", **alert("bowel")}, {**BOWEL_OLD, "weak": "yes", **alert("bladder")}),
    ("R911-13", {**WEAK_OLD, "bowel": "leak", **alert("weak")}, {**WEAK_OLD, "bowel": "leak"}),
    (
        "R911-13",
        {"bowel": "leak", "numb": "yes", "numb_change": "better", **alert("numb")},
        {"bowel": "leak", "numb": "yes", "numb_change": "better"},
    ),
    ("R911-13", {"bowel": "leak", "weak": "yes", "HOURS": -9.0}, {"spread_pain": "yes", "weak": "yes"}),
    ("RDN-01", {"numb": "yes"}, NUMB_OLD),
    ("RDN-01", {**NUMB_OLD, **alert("numb")}, {**NUMB_OLD, **alert("numb", status="resolved")}),
    ("RDN-02", {"numb": "yes", "numb_where": ["treated_area"]}, {"numb": "yes", "numb_where": ["other"]}),
    ("RDN-03", {"numb": "yes", "numb_where": ["other"]}, {"numb": "yes"}),
    ("RDN-04", {"weak": "yes", "weak_where": ["other"], "weak_change": "worse"}, WEAK_OLD),
    ("RDN-05", {"spread_pain": "yes"}, {"spread_pain": "yes", "spread_pain_change": "better"}),
    ("RDN-06", BLADDER_OLD, {**BLADDER_OLD, **on_file("bladder")}),
    (
        "RDN-06",
        {"bladder": "cannot_pee", "bladder_change": "same_as_before", **on_file("bladder")},
        {"bladder": "leak", "bladder_change": "same_as_before", **on_file("bladder")},
    ),
    ("RDN-07", BOWEL_OLD, {**BOWEL_OLD, **on_file("bowel")}),
    ("RDN-07", {"bowel": "leak", **on_file("bowel")}, {"bowel": "none"}),
    ("RDN-08", LITTLE_SWELLING, {**LITTLE_SWELLING, **GRACE}),
    ("RDN-08", {**LITTLE_SWELLING, **GRACE, "HOURS": 24.0}, {}),
    ("RDN-08", {**LITTLE_SWELLING, "HOURS": -1.0}, {"HOURS": -1.0}),
    ("RDN-09", {"site_warmth": "warm"}, {"site_warmth": "none"}),
    ("RDN-10", {"site_redness": "new_or_spreading"}, {"site_redness": "small_not_spreading"}),
    ("RDN-11", {"site_streaks": "yes"}, {}),
    ("RDN-12", {"site_drainage": "pus"}, {"site_drainage": "clear_or_pink"}),
    ("RDN-13", {"pain_site": 3, **earlier(pain_site=1)}, {"pain_site": 2, **earlier(pain_site=0)}),
    ("RDN-13", {"site_pain_change": "more"}, {"site_pain_change": "same", "pain_site": 6}),
    ("RDN-13", {"site_pain_change": "more", "HOURS": 0.0}, {"site_pain_change": "more", "HOURS": -0.01}),
    (
        "RDN-17",
        {"pain_move": 4, **alert("back_pain_up"), "HOURS": 0.0},
        {**alert("back_pain_up"), "pain_move": 4, "HOURS": -0.01},
    ),
    ("RDN-18", {"pain_move": 10, "HOURS": 0.0}, {"pain_move": 10, "HOURS": -0.01}),
    ("RDN-14", {"temp_value": 100.4, "temp_unit": "F"}, {"temp_value": 100.3, "temp_unit": "F"}),
    ("RDN-14", {"temp_value": 38.0, "temp_unit": "F"}, {"temp_value": 37.9, "temp_unit": "C"}),
    ("RDN-15", {"fever_feel": "yes", "temp_value": 50}, {"fever_feel": "yes", "temp_value": 98.6}),
    ("RDN-16", {"back_change": "new_sudden"}, {"back_change": "worse"}),
    ("RDN-16", {"pain_move": 4, **alert("back_new_sudden")}, {"pain_move": 3, **alert("back_new_sudden")}),
    ("RDN-17", {"pain_move": 4, **earlier(pain_rest=2)}, {"pain_move": 3, **earlier(pain_rest=1)}),
    (
        "RDN-17",
        {"pain_move": 5, "HISTORY": [(168.0, {"pain_move": 2}), (12.0, {"pain_move": 4})], "HOURS": 200.0},
        {"pain_move": 5, "HISTORY": [(168.1, {"pain_move": 2}), (12.0, {"pain_move": 4})], "HOURS": 200.0},
    ),
    ("RDN-18", {"pain_move": 10}, {"pain_move": 9}),
    ("RDN-19", {"fall_head_hit": "yes"}, {"fall": "fell_ok"}),
    ("RDN-20", {"apap_total_mg": 4001}, {"apap_total_mg": 4000}),
    ("RDN-20", {"apap_total_mg": 2001, "PATIENT": {"apap_max_mg": 2000}}, {"apap_total_mg": 2001}),
    ("RDN-21", {"site_bleeding": "soaking"}, {"site_bleeding": "spot"}),
    ("RDN-22", {"rash": "yes", "HOURS": 900.0}, {"rash": "no"}),
    ("RDN-23", {"mobility_change": "cannot"}, {"mobility_change": "worse"}),
    ("RDN-23", {"walk_level": "none", **alert("cannot_walk")}, {"walk_level": "room", **alert("cannot_walk")}),
    ("RDN-24", {"nerve_gate": "some"}, {"nerve_gate": "some", **NUMB_OLD}),
    ("RDN-24", {"site_gate": "some"}, {"site_gate": "some", "dressing": "off"}),
    ("RDN-24", {"site_gate": "some", "pain_site": 5}, {"site_gate": "some", "site_pain_change": "more"}),
    ("RDN-25", {"notes": "no pain at all now. numb foot"}, {"notes": "the number of pushes"}),
    ("RDN-29", {"notes": "I want to die", "notes_confirm": "not_now"}, {"notes": "I do not want to die"}),
    (
        "RDN-26",
        {"blood_thinner_taken": "yes", "site_bleeding": "spot"},
        {"blood_thinner_taken": "yes", "site_bruise": "small"},
    ),
    (
        "RDN-26",
        {"site_bruise": "growing", "PATIENT": {"blood_thinner_continued": True}},
        {"site_bruise": "growing", "PATIENT": {"blood_thinner_continued": False}},
    ),
    ("RDN-28", {"em_passed_out": "almost", "HOURS": -9.0}, {"em_passed_out": "yes"}),
    ("RDN-27", {**SLEEPY, "pain_meds": ["opioid_acetaminophen"]}, {**SLEEPY, "pain_meds": ["nsaid"]}),
    ("RW-01", {"pain_move": 5, "HOURS": 48.0}, {"pain_move": 5, "HOURS": 47.99}),
    (
        "RW-01",
        {"pain_move": 5, "HOURS": 60.0, **contacted("early_pain")},
        {"pain_move": 5, "HOURS": 60.0, **contacted("early_pain"), **earlier(pain_move=5)},
    ),
    ("RW-02", {"pain_move": 5, "HOURS": 336.0}, {"pain_move": 4, "HOURS": 336.0}),
    ("RW-03", {"pain_site": 1, "HOURS": 504.0}, {"pain_site": 1, "HOURS": 503.9}),
    ("RW-04", {"pain_move": 3, **earlier(pain_move=1)}, {"pain_move": 4, **earlier(pain_move=2)}),
    ("RW-05", {"back_stiff": "new_or_worse"}, {"back_stiff": "same"}),
    ("RW-06", {"site_redness": "small_not_spreading"}, {}),
    ("RW-07", {"site_drainage": "clear_or_pink"}, {"site_drainage": "pus"}),
    ("RW-08", {"site_bleeding": "spot", "HOURS": 48.0}, {"site_bleeding": "spot"}),
    ("RW-09", {"site_bruise": "growing"}, {"site_bruise": "small"}),
    ("RW-10", NUMB_OLD, {**NUMB_OLD, **on_file("numb_legs")}),
    ("RW-11", {"temp_value": 100.0}, {"temp_value": 99.9}),
    ("RW-11", {"temp_value": 37.8}, {"temp_value": 38.0}),
    ("RW-12", {"fever_feel": "unsure"}, {"fever_feel": "unsure", "temp_value": 37.0}),
    ("RW-12", {"fever_feel": "yes", "temp_value": 99.9}, {"fever_feel": "yes", "temp_value": 100.0}),
    ("RW-13", {"temp_value": 92.9}, {"temp_value": 93}),
    ("RW-15", {"fall": "fell_ok"}, {"fall": "fell_ok", "fall_head_hit": "yes"}),
    ("RW-16", {"apap_total_mg": 3001}, {"apap_total_mg": 3000}),
    ("RW-17", {"pain_meds": ["opioid", "nsaid"]}, {"pain_meds": ["none", "nsaid"]}),
    ("RW-18", {"took_as_directed": "more"}, {**SLEEPY, "pain_meds": ["opioid"]}),
    (
        "RW-18",
        {"pain_meds": ["nsaid"], "PATIENT": {"otc_pain_ok": False}},
        {"pain_meds": ["opioid"], "PATIENT": {"otc_pain_ok": False}},
    ),
    # Hour 23.5 is midnight to 9 March in New York: the 8th, when the clocks go forward, has 23 hours.
    (
        "RW-19",
        {"blood_thinner_taken": "yes", "PATIENT": HELD, "HOURS": 23.4},
        {"blood_thinner_taken": "yes", "PATIENT": HELD, "HOURS": 23.5},
    ),
    (
        "RW-19",
        {"blood_thinner_taken": "no", "PATIENT": HELD, "HOURS": 47.5},
        {"blood_thinner_taken": "no", "PATIENT": HELD, "HOURS": 47.4},
    ),
    ("RW-19", {"other_meds_restarted": "yes_not_told"}, {"other_meds_restarted": "yes_told"}),
    ("RW-20", {"stomach": "cannot_keep_down"}, {"stomach": "upset"}),
    ("RW-21", {"mobility_change": "worse"}, {"mobility_change": "cannot"}),
    (
        "RW-22",
        {"walk_level": "room", "HOURS": 336.0},
        {"walk_level": "room", "HOURS": 336.0, "PATIENT": {"baseline_walk_level": "room"}},
    ),
    (
        "RW-23",
        {"mood": "low", "HISTORY": [(9.0, {"mood": "low"}), (5.0, {"mood": "low"})]},
        {"mood": "low", **earlier(mood="low")},
    ),
    ("RW-24", {"SILENT": True, "HOURS": 48.0}, {"SILENT": True, "HOURS": 47.9}),
    (
        "RW-24",
        {"SILENT": True, "HOURS": 2160.0, "HISTORY": [(840.0, {})]},
        {"SILENT": True, "HOURS": 2160.0, "HISTORY": [(839.0, {})]},
    ),
    ("R911-01", {"short_answer": "emergency", "door": "sms"}, {"short_answer": "worse", "door": "sms"}),
    ("RDN-30", {"short_answer": "worse"}, {"short_answer": "fine"}),
    ("RW-25", {"pain_move": None}, {"pain_rest": None}),
    ("RW-25", {"pain_meds": ["acetaminophen"]}, {"pain_meds": ["acetaminophen"], "apap_total_mg": 500}),
    ("RW-25", {"pain_meds": ["opioid_acetaminophen"]}, {"pain_meds": ["opioid"]}),
    (
        "RW-25",
        {"em_gate": None, "short_answer": "fine", "door": "app"},
        {"em_gate": None, "short_answer": "fine", "door": "call"},
    ),
    ("RW-25", {"em_gate": None, "short_answer": "worse", "door": "sms"}, {"short_answer": "worse", "door": "sms"}),
    ("RW-25", {"fever_feel": None}, {"numb": None}),
    (
        "RW-26",
        {"activities": ["lifted_heavy"]},
        {"activities": ["lifted_heavy"], "PATIENT": {"clinic_overrides": {"heavy_cleared_on": "2026-03-08"}}},
    ),
    (
        "RW-27",
        {"activities": ["drove"], "opioid_hours_since": 23.9},
        {"activities": ["drove"], "opioid_hours_since": 24},
    ),
    ("RW-28", {**LITTLE_SWELLING, **GRACE}, {**LITTLE_SWELLING, **GRACE, "site_redness": "small_not_spreading"}),
    ("RW-29", {"pain_site": 2, **earlier(pain_site=0)}, {"pain_site": 3, **earlier(pain_site=1)}),
    ("RW-31", {"pain_move": 4, **crept(at=48.0, now=216.01)}, {"pain_move": 4, **crept(at=48.0, now=216.0)}),
    ("RW-31", {"pain_move": 4, **crept(low=1)}, {"pain_move": 4, **crept(low=2)}),
    ("RW-31", {"pain_move": 4, **crept(low=0)}, {"pain_move": 3, **crept(low=0)}),
    # The lowest pain from hour 48 on, and not that of the last seven days.
    ("RW-31", {"pain_move": 4, **crept(at=48.0)}, {"pain_move": 4, **crept(at=47.99)}),
    ("RW-31", {"pain_move": 4, **crept(at=231.99)}, {"pain_move": 4, **crept(at=232.0)}),
    # A call or a watch about the same pain comes first.
    ("RW-31", {"pain_move": 4, **crept()}, {"pain_move": 4, **crept(), "back_change": "new_sudden"}),
    ("RW-31", {"pain_move": 4, **crept()}, {"pain_move": 4, **crept(), "PATIENT": {"baseline_pain": 7}}),
    ("RW-32", {"PATIENT": NO_DATE, "HOURS": 24.0}, {"PATIENT": NO_DATE, "HOURS": 23.99}),
    ("RW-32", {"PATIENT": NO_DATE, "SILENT": True}, {"PATIENT": HELD, "SILENT": True}),
    ("RW-30", {"pain_rest": 8, "HOURS": 47.9}, {"pain_rest": 8, "HOURS": 48.0}),
    ("RW-30", {"pain_site": 7}, {"pain_site": 6}),
]

# A notice, what shows it, what does not.
NOTICES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("N-01", {"activities": ["drove"]}, {"activities": ["drove"], "HOURS": 48.0}),
    ("N-02", {"activities": ["bent_twisted"]}, {"activities": ["rest"]}),
    ("N-03", {"dressing": "wet_or_loose"}, {"dressing": "off"}),
    ("N-04", {"ice_longest_min": 21}, {"ice_longest_min": 20}),
    ("N-05", {"brace_worn": "some", "PATIENT": {"brace_prescribed": True}}, {"brace_worn": "some"}),
    ("N-06", {"pain_meds": ["nsaid"], "PATIENT": {"otc_pain_ok": None}}, {"pain_meds": ["nsaid"]}),
    ("N-08", {"stomach": "upset"}, {"stomach": "cannot_keep_down"}),
    ("N-11", {"activities": ["desk_work"], "HOURS": 47.9}, {"activities": ["desk_work"], "HOURS": 48.0}),
]

# The nurse priority, then the answers that earn it.
PRIORITIES: list[tuple[str | None, dict[str, Any]]] = [
    (None, {}),
    ("P0", {"em_breath": "some"}),
    ("P1", {"bladder": "leak"}),
    ("P1", {"rash": "yes", "site_warmth": "warm"}),
    ("P1", {"temp_value": 38.5, "back_change": "worse"}),
    ("P1", {"back_change": "new_sudden", "PATIENT": {"levels": ["T12"]}}),
    ("P1", {"numb": "yes", "pain_move": 5}),
    ("P1", {"blood_thinner_taken": "yes", "site_bleeding": "spot"}),
    ("P1", alert("weak")),
    ("P1", {"numb": "yes", "PATIENT": {"blood_thinner_continued": True}}),
    ("P1", {"spread_pain": "yes", "blood_thinner_taken": "yes"}),
    ("P2", {"spread_pain": "yes", "blood_thinner_taken": "no"}),
    ("P2", {"numb": "yes"}),
    ("P2", {"back_change": "new_sudden"}),
    ("P2", alert("em_chest_pain")),
    ("P3", {"back_stiff": "new_or_worse", "PATIENT": {"facet_injury": True}}),
    ("P4", {"back_stiff": "new_or_worse"}),
    ("P0", {"SILENT": True, **alert("em_chest_pain")}),
]

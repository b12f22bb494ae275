"""Every answer of the daily log, with values on both sides of every number in the rules, and the cast
of signs, zones and dates that situations are built from. Nothing here knows the right verdict."""

from typing import Any

from tests.triage import known_words

YES_NO = ["no", "yes", None]
CHANGE = ["new", "worse", "same_as_before", "better", None]
PAIN = [None, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

NOTES = list(known_words.NOTES)

FIELDS: dict[str, list[Any]] = {
    "em_gate": ["none", "some", None],
    "em_feels_emergency": YES_NO,
    "em_passed_out": ["no", "almost", "yes", None],
    "em_breath": ["none", "usual", "some", "severe", None],
    "em_chest_pain": YES_NO,
    "em_cough_blood": YES_NO,
    "em_leg_move": ["both_move", "one_cannot", "both_cannot", None],
    "em_leg_move_change": ["new", "same_as_before", None],
    "em_hard_to_wake": YES_NO,
    "em_face_throat_swelling": YES_NO,
    "nerve_gate": ["none", "some", None],
    "numb": YES_NO,
    "numb_where": [[], ["legs"], ["belly", "buttocks"], ["treated_area"], ["other"], ["legs", "other"]],
    "numb_change": CHANGE,
    "weak": YES_NO,
    "weak_where": [[], ["legs"], ["belly"], ["buttocks", "other"], ["legs", "other"]],
    "weak_change": CHANGE,
    "weak_stand": ["can", "hard", "cannot", None],
    "spread_pain": YES_NO,
    "spread_pain_where": [[], ["legs"], ["belly"], ["legs", "buttocks"]],
    "spread_pain_change": CHANGE,
    "bladder": ["none", "leak", "cannot_pee", None],
    "bladder_change": CHANGE,
    "bowel": ["none", "leak", None],
    "bowel_change": CHANGE,
    "site_gate": ["none", "some", None],
    "site_swelling": ["none", "small_not_growing", "new_or_growing", None],
    "site_warmth": ["none", "warm", None],
    "site_redness": ["none", "small_not_spreading", "new_or_spreading", None],
    "site_streaks": YES_NO,
    "site_drainage": ["none", "clear_or_pink", "pus", None],
    "site_bleeding": ["none", "spot", "soaking", None],
    "site_bruise": ["none", "small", "growing", None],
    "dressing": ["ok", "wet_or_loose", "off", None],
    "fever_feel": ["no", "yes", "unsure", None],
    "temp_value": [
        None, -1, 0, 20, 33.8, 33.9, 36.9, 37.7, 37.8, 37.9, 37.95, 38, 38.0, 38.4, 38.5, 39.2, 43.3, 43.4,
        92.9, 93, 98.6, 99.9, 100, 100.3, 100.35, 100.4, 101.3, 102.1, 102.2, 110, 110.1, 115, 1000,
    ],
    "temp_unit": ["F", "C", None],
    "pain_move": PAIN,
    "pain_rest": PAIN,
    "pain_site": PAIN,
    "back_change": ["better", "same", "worse", "new_sudden", None],
    "site_pain_change": ["none", "less", "same", "more", None],
    "back_stiff": ["none", "same", "new_or_worse", None],
    "walk_level": ["none", "room", "house", "outside", None],
    "walk_minutes": [None, 0, 30],
    "mobility_change": ["better", "same", "worse", "cannot", None],
    "activities": [
        [], ["rest"], ["light_chores", "desk_work"], ["drove"], ["bent_twisted"], ["lifted_heavy"],
        ["hard_exercise"], ["drove", "lifted_heavy", "hard_exercise", "bent_twisted", "desk_work"],
    ],
    "fall": ["none", "fell_ok", "fell_hurt", None],
    "fall_head_hit": YES_NO,
    "brace_worn": ["yes", "some", "no", None],
    "ice_sessions": [None, 0, 3],
    "ice_longest_min": [None, 0, 20, 21],
    "pain_meds": [
        [], ["none"], ["acetaminophen"], ["nsaid"], ["opioid"], ["opioid_acetaminophen"], ["other"],
        ["none", "nsaid"], ["acetaminophen", "nsaid"], ["opioid", "opioid_acetaminophen"],
    ],
    "apap_total_mg": [None, 0, 1999, 2000, 2001, 2999, 3000, 3001, 3999, 4000, 4001, 5000, 5001, 20000],
    "opioid_hours_since": [None, 0, 23.9, 24, 24.1, 168],
    "took_as_directed": ["yes", "less", "more", "unsure", None],
    "blood_thinner_taken": ["na", "no", "yes", None],
    "other_meds_restarted": ["no", "yes_told", "yes_not_told", None],
    "stomach": ["fine", "upset", "cannot_keep_down", None],
    "energy": ["fine", "tired", "very_tired", None],
    "sleep": ["good", "ok", "poor", None],
    "mood": ["good", "ok", "low", None],
    "rash": YES_NO,
    "notes": [None, *NOTES],
    "notes_confirm": ["yes_now", "not_now", None],
    "notes_asked": [None, [], ["chest"], ["fever", "numb", "not_known_here"]],
    "question_for_team": [None, "I have chest pain now", "leg weak"],
    "logged_by": ["self", "caregiver", None],
    "door": ["app", "web", "nurse", "sms", "call", None],
    "short_answer": ["fine", "worse", "emergency", None],
    "step_seconds": [None, {}, {"part_1": 12.5}],
}  # fmt: skip

# The values tried against those of every other field: the telling ones. An item left out is the same as
# one answered no, so only where null and 'none' are told apart are both of them here.
FEW: dict[str, list[Any]] = {
    **{field: [v for v in values if v not in ("no", "none", None, [])] for field, values in FIELDS.items()},
    **{gate: FIELDS[gate] for gate in ("em_gate", "nerve_gate", "site_gate", "fever_feel", "back_change")},
    "walk_level": FIELDS["walk_level"],
    "temp_value": [0, 37.8, 38.0, 99.9, 100.4],
    "pain_move": [None, 0, 3, 4, 5, 8, 10],
    "pain_rest": [2, 6],
    "pain_site": [0, 2, 3, 7],
    "apap_total_mg": [3001, 4001],
    "opioid_hours_since": [23.9, 24],
    "notes": ["I have chest pain now", "leg weak", "I want to die"],
    "pain_meds": [["none"], ["nsaid"], ["opioid"], ["opioid_acetaminophen", "other"]],
    "activities": [["drove"], ["lifted_heavy", "bent_twisted", "desk_work"]],
}

CALM_LOG: dict[str, Any] = {
    "em_gate": "none", "nerve_gate": "none", "site_gate": "none", "fever_feel": "no",
    "pain_move": 2, "pain_rest": 1, "pain_site": 0, "back_change": "better", "walk_level": "house",
    "mobility_change": "same", "activities": ["rest"], "pain_meds": ["none"],
}  # fmt: skip

SIGNS_911 = [
    "em_feels_emergency", "em_passed_out", "em_breath", "em_chest_pain", "em_cough_blood", "em_leg_move",
    "weak_stand_cannot", "em_hard_to_wake", "em_face_throat_swelling", "em_gate_unspecified", "cord_signs",
]  # fmt: skip
SIGNS_DOCTOR_NOW = [
    "numb", "weak", "spread_pain", "bladder", "bowel", "site_swelling", "site_warmth", "site_redness",
    "site_streaks", "site_pus", "site_pain_up", "fever", "back_new_sudden", "back_pain_up",
    "back_worse_than_before", "fall_hurt", "apap_over", "site_bleeding", "rash", "cannot_walk",
    "thinner_bleed", "opioid_over", "says_worse", "almost_passed_out",
]  # fmt: skip
SIGNS_WATCH = ["early_pain", "late_pain", "site_pain_late", "RW-05", "RW-25"]
TIER_OF_SIGN = {
    **dict.fromkeys(SIGNS_911, "call_911"),
    **dict.fromkeys(SIGNS_DOCTOR_NOW, "call_doctor_now"),
    **dict.fromkeys(SIGNS_WATCH, "watch"),
}

# For each sign an answer that shows it, so that present and acknowledged meet often enough.
SHOWS: dict[str, dict[str, Any]] = {
    **{sign: {sign: "yes"} for sign in SIGNS_911},
    "em_breath": {"em_breath": "some"},
    "em_leg_move": {"em_leg_move": "one_cannot"},
    "weak_stand_cannot": {"weak": "yes", "weak_where": ["legs"], "weak_stand": "cannot"},
    "em_gate_unspecified": {"em_gate": "some"},
    "cord_signs": {"bladder": "leak", "weak": "yes", "weak_where": ["legs"]},
    "almost_passed_out": {"em_passed_out": "almost"},
    "numb": {"numb": "yes", "numb_where": ["legs"]},
    "weak": {"weak": "yes", "weak_where": ["legs"], "weak_stand": "hard"},
    "spread_pain": {"spread_pain": "yes", "spread_pain_where": ["legs"]},
    "bladder": {"bladder": "leak"},
    "bowel": {"bowel": "leak"},
    "site_swelling": {"site_swelling": "small_not_growing"},
    "site_warmth": {"site_warmth": "warm"},
    "site_redness": {"site_redness": "new_or_spreading"},
    "site_streaks": {"site_streaks": "yes"},
    "site_pus": {"site_drainage": "pus"},
    "site_pain_up": {"pain_site": 4, "site_pain_change": "same"},
    "fever": {"temp_value": 38.5, "temp_unit": "C"},
    "back_new_sudden": {"pain_move": 5, "back_change": "same"},
    "back_pain_up": {"pain_move": 5, "back_change": "same"},
    "back_worse_than_before": {"pain_move": 5, "back_change": "same"},
    "fall_hurt": {"fall": "fell_hurt"},
    "apap_over": {"apap_total_mg": 5000},
    "site_bleeding": {"site_bleeding": "soaking"},
    "rash": {"rash": "yes"},
    "cannot_walk": {"walk_level": "none", "mobility_change": "same"},
    "thinner_bleed": {"blood_thinner_taken": "yes", "site_bleeding": "spot"},
    "says_worse": {"short_answer": "worse"},
    "opioid_over": {"took_as_directed": "more", "pain_meds": ["opioid"], "energy": "very_tired"},
}

# What an alert remembers of the sign when it was opened or acknowledged.
SNAPSHOT: dict[str, list[Any]] = {
    "regions": [["legs"], ["legs", "other"], ["belly", "buttocks", "treated_area"], []],
    "temp_c": [38.5, 38.0, 37.9, 38.7, None],
    "pain": [5, 3, 8, 2, None],
    "pain_site": [4, 3, 2, None],
    "weak_stand": ["hard", "can", None],
    "level": ["leak", "cannot_pee", None],
}

BASELINE_SYMPTOMS = [
    "breath_usual", "leg_paralysis", "cannot_stand", "numb_legs", "numb_belly", "numb_buttocks",
    "numb_treated_area", "numb_other", "weak_legs", "weak_belly", "weak_buttocks", "weak_other",
    "pain_legs", "pain_belly", "pain_buttocks", "bladder", "bowel",
]  # fmt: skip

# Both sides of every hour in the rules.
EDGES = (0, 24, 48, 72, 168, 192, 336, 504, 840, 1008, 2160)
EDGE_HOURS = sorted({h + d for h in EDGES for d in (-0.01, 0.0, 0.01)} | {-5.0, 3000.0})
AGES = [0.0, 1.0, 24.0, 47.99, 48.0, 48.01, 100.0, 167.99, 168.0, 168.01, 500.0]
DATES = [None, "2026-03-06", "2026-03-07", "2026-03-08", "2026-03-09", "2026-03-10", "2026-03-20"]
ZONES = ["America/New_York", "UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"]

PATIENT: dict[str, Any] = {
    # Just before the spring change of clocks in New York, and near midnight there.
    "procedure_end_at": "2026-03-07T23:30:00-05:00",
    "time_zone": "America/New_York",
    "baseline_pain": 8,
    "baseline_walk_level": "house",
    "levels": ["L2"],
    "otc_pain_ok": True,
    "alerts": [],
    "clinic_overrides": {},
}

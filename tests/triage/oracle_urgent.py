"""The oracle's 911 and doctor-now rules, and what an acknowledged alert may lower (RL-03)."""

from tests.triage.oracle_facts import (
    FRESH_EVERY_TIME,
    HARD_SIGNS,
    Facts,
)

EMERGENCY_ITEMS = {
    "em_feels_emergency": "no", "em_passed_out": "no", "em_breath": "none", "em_chest_pain": "no",
    "em_cough_blood": "no", "em_leg_move": "both_move", "em_hard_to_wake": "no",
    "em_face_throat_swelling": "no",
}  # fmt: skip
NERVE_ITEMS = {"numb": "no", "weak": "no", "spread_pain": "no", "bladder": "none", "bowel": "none"}
SITE_ITEMS = {
    "site_swelling": "none", "site_warmth": "none", "site_redness": "none", "site_streaks": "no",
    "site_drainage": "none", "site_bleeding": "none", "site_bruise": "none",
}  # fmt: skip
STANDING = {None: 0, "can": 0, "hard": 1, "cannot": 2}

Signs = dict[str, str | None]


def any_set(f: Facts, items: dict[str, str]) -> bool:
    """Some item of the list holds another answer than its default."""
    return any(f.says(field, usual) != usual for field, usual in items.items())


def emergencies(f: Facts) -> Signs:
    """Every 911 rule that fires, with its sign key."""
    fired: Signs = {}
    breath, leg = f.says("em_breath", "none"), f.says("em_leg_move", "both_move")
    if f.says("em_feels_emergency") == "yes" or f.says("short_answer") == "emergency":
        fired["R911-01"] = "em_feels_emergency"
    if f.says("em_passed_out") == "yes":
        fired["R911-02"] = "em_passed_out"
    if breath == "severe":
        fired["R911-03"] = "em_breath"
    if breath == "some" or (breath == "usual" and "breath_usual" not in f.baseline_symptoms):
        fired["R911-04"] = "em_breath"
    if f.says("em_chest_pain") == "yes":
        fired["R911-05"] = "em_chest_pain"
    if f.says("em_cough_blood") == "yes":
        fired["R911-06"] = "em_cough_blood"
    as_before = f.says("em_leg_move_change") == "same_as_before"
    if leg != "both_move" and not (as_before and "leg_paralysis" in f.baseline_symptoms):
        fired["R911-07"] = "em_leg_move"
    weak_before = f.says("weak_change") == "same_as_before"
    on_file = {"leg_paralysis", "cannot_stand"} & f.baseline_symptoms
    if f.says("weak_stand") == "cannot" and not (weak_before and on_file):
        fired["R911-08"] = "weak_stand_cannot"
    if f.says("em_hard_to_wake") == "yes":
        fired["R911-09"] = "em_hard_to_wake"
    if f.says("em_face_throat_swelling") == "yes":
        fired["R911-10"] = "em_face_throat_swelling"
    # The follow-up 'is this new?' is a detail, not an item of the list: alone it explains nothing.
    if f.says("em_gate") == "some" and not any_set(f, EMERGENCY_ITEMS):
        fired["R911-11"] = "em_gate_unspecified"
    if f.words()[0]:
        fired["R911-12"] = None
    if any(lost_now(f, organ) for organ in ("bladder", "bowel")) and (
        new_or_still_open(f, "weak") or (new_or_still_open(f, "numb") and saddle(f))
    ):
        fired["R911-13"] = "cord_signs"
    return fired


def saddle(f: Facts) -> bool:
    """Numb between the legs, or nobody said where."""
    where = f.chosen("numb_where")
    return not where or "buttocks" in where


def lost_now(f: Facts, organ: str) -> bool:
    """Loss that is new, worse, of unknown start or an open alert; urine that will not come always counts."""
    said = f.says(organ, "none")
    if said == "none":
        return False
    fresh = f.says(f"{organ}_change") in ("new", "worse", None) or f.open_alert(organ) is not None
    return fresh or said == "cannot_pee"


def doctor_now(f: Facts) -> Signs:
    """Every doctor-now rule whose condition holds, with its sign key, before RL-03 is looked at."""
    return {**nerve_rules(f), **site_rules(f), **pain_rules(f), **other_rules(f)}


def new_or_still_open(f: Facts, symptom: str) -> bool:
    """The symptom is there and new, worse, of unknown start, or already an open alert (DF-11)."""
    if f.says(symptom) != "yes":
        return False
    return f.says(f"{symptom}_change") in ("new", "worse", None) or f.open_alert(symptom) is not None


def lost_control(f: Facts, organ: str) -> bool:
    """RDN-06 and RDN-07: any loss, unless it is old, on file and has no open alert."""
    if f.says(organ, "none") in ("none", "cannot_pee"):
        return f.says(organ) == "cannot_pee"
    old = f.says(f"{organ}_change") in ("same_as_before", "better")
    return not (old and organ in f.baseline_symptoms and f.open_alert(organ) is None)


def nerve_rules(f: Facts) -> Signs:
    """RDN-01 to RDN-07."""
    fired: Signs = {}
    where = f.chosen("numb_where")
    if new_or_still_open(f, "numb"):
        if not where or where & {"legs", "belly", "buttocks"}:
            fired["RDN-01"] = "numb"
        if "treated_area" in where:
            fired["RDN-02"] = "numb"
        if "other" in where:
            fired["RDN-03"] = "numb"
    if new_or_still_open(f, "weak"):
        fired["RDN-04"] = "weak"
    if new_or_still_open(f, "spread_pain"):
        fired["RDN-05"] = "spread_pain"
    if lost_control(f, "bladder"):
        fired["RDN-06"] = "bladder"
    if lost_control(f, "bowel"):
        fired["RDN-07"] = "bowel"
    return fired


def in_swelling_grace(f: Facts) -> bool:
    """RW-28. A 'site sign' is any item of the site list; a rise of any height is rising pain."""
    others = {k: v for k, v in SITE_ITEMS.items() if k != "site_swelling"}
    grace = min(f.overrides.get("site_swelling_grace_hours") or 0, 72)
    return (
        f.says("site_swelling") == "small_not_growing"
        # Before the procedure there is no grace: without the 0 a grace of 0 hours would cover it.
        and 0 <= f.hours < grace
        and not any_set(f, others)
        # Feeling feverish with a low reading does not make 'no fever' sure.
        and not f.measured_fever()
        and f.says("fever_feel") != "yes"
        and not (site_pain_up(f) or f.site_rose())
        and f.open_alert("site_swelling") is None
    )


def site_pain_rising(f: Facts) -> bool:
    """The two fresh halves of RDN-13."""
    return f.says("site_pain_change") == "more" or (f.site_rose() and f.pain_site >= 3)


def site_pain_up(f: Facts) -> bool:
    """RDN-13: rising, or an open alert and still sore at 3 or more."""
    if site_pain_rising(f):
        return True
    if f.open_alert("site_pain_up") is None or f.pain_site is None:
        return False
    return bool(f.pain_site >= 3 and f.says("site_pain_change") != "less")


def site_rules(f: Facts) -> Signs:
    """RDN-08 to RDN-15."""
    fired: Signs = {}
    if f.says("site_swelling", "none") != "none" and not in_swelling_grace(f):
        fired["RDN-08"] = "site_swelling"
    if f.says("site_warmth") == "warm":
        fired["RDN-09"] = "site_warmth"
    if f.says("site_redness") == "new_or_spreading":
        fired["RDN-10"] = "site_redness"
    if f.says("site_streaks") == "yes":
        fired["RDN-11"] = "site_streaks"
    if f.says("site_drainage") == "pus":
        fired["RDN-12"] = "site_pus"
    if site_pain_up(f) and f.hours >= 0:
        fired["RDN-13"] = "site_pain_up"
    if f.measured_fever():
        fired["RDN-14"] = "fever"
    if f.says("fever_feel") == "yes" and f.temp is None:
        fired["RDN-15"] = "fever"
    return fired


def pain_rules(f: Facts) -> Signs:
    """RDN-16 to RDN-18. An unknown pain skips them, but not the tap 'new, sudden'."""
    fired: Signs = {}
    high = f.pain is not None and f.pain >= 4
    if f.says("back_change") == "new_sudden" or (high and f.open_alert("back_new_sudden")):
        fired["RDN-16"] = "back_new_sudden"
    over_low = f.pain is not None and f.low_7_days is not None and f.pain - f.low_7_days >= 3
    # The trend rules are about the course after the procedure.
    if f.hours < 0:
        return fired
    if high and (f.rose(2) or over_low or f.open_alert("back_pain_up")):
        fired["RDN-17"] = "back_pain_up"
    over_base = f.pain is not None and f.baseline_pain is not None and f.pain >= f.baseline_pain + 2
    if over_base or (high and f.open_alert("back_worse_than_before")):
        fired["RDN-18"] = "back_worse_than_before"
    return fired


def other_rules(f: Facts) -> Signs:
    """RDN-19 to RDN-30."""
    fired: Signs = {}
    if f.says("em_passed_out") == "almost":
        fired["RDN-28"] = "almost_passed_out"
    if f.says("short_answer") == "worse":
        fired["RDN-30"] = "says_worse"
    mobility, bleeding = f.says("mobility_change"), f.says("site_bleeding", "none")
    if f.says("fall") == "fell_hurt" or f.says("fall_head_hit") == "yes":
        fired["RDN-19"] = "fall_hurt"
    if f.log.get("apap_total_mg") is not None and f.log["apap_total_mg"] > apap_cap(f):
        fired["RDN-20"] = "apap_over"
    if bleeding == "soaking":
        fired["RDN-21"] = "site_bleeding"
    if f.says("rash") == "yes":
        fired["RDN-22"] = "rash"
    still = f.open_alert("cannot_walk") and f.says("walk_level") == "none" and mobility != "better"
    if mobility == "cannot" or still:
        fired["RDN-23"] = "cannot_walk"
    no_nerve_item = f.says("nerve_gate") == "some" and not any_set(f, NERVE_ITEMS)
    site_item = any_set(f, {**SITE_ITEMS, "dressing": "ok"}) or site_pain_rising(f)
    if no_nerve_item or (f.says("site_gate") == "some" and not site_item):
        fired["RDN-24"] = None
    if f.words()[1]:
        fired["RDN-25"] = None
    if f.on_a_thinner() and (f.says("site_bruise") == "growing" or bleeding != "none"):
        fired["RDN-26"] = "thinner_bleed"
    if f.says("took_as_directed") == "more" and f.opioid_taken and f.says("energy") == "very_tired":
        fired["RDN-27"] = "opioid_over"
    if f.words()[2]:
        fired["RDN-29"] = "self_harm"
    return fired


def apap_cap(f: Facts) -> float:
    """The clinic's own cap; only null means 4000, so a cap of 0 is a cap."""
    cap = f.patient.get("apap_max_mg")
    return 4000 if cap is None else cap


def may_be_lowered(f: Facts, sign: str) -> bool:
    """RL-03 for one present doctor-now sign. What can not be shown to be steady is not lowered."""
    if sign in FRESH_EVERY_TIME:
        return False
    about = [alert for alert in f.open_alerts if alert.get("sign") == sign]
    return bool(about) and all(known_and_steady(f, sign, alert) for alert in about)


def known_and_steady(f: Facts, sign: str, alert: dict) -> bool:
    """A person dealt with this alert in the last 48 hours, in person for a hard sign, and it is no worse."""
    if alert.get("ack_hours") is None:
        return False
    if alert.get("ack") not in ("contacted", "evaluated"):
        return False
    if sign in HARD_SIGNS and alert["ack"] != "evaluated":
        return False
    # An acknowledgement that comes after this log can not have known it.
    return 0 <= f.hours - alert["ack_hours"] <= 48 and not is_worse(f, sign, alert.get("snapshot") or {})


def is_worse(f: Facts, sign: str, snapshot: dict) -> bool:
    """'Worse' per sign; a number or region missing on one side only counts as worse."""
    if sign in ("numb", "weak", "spread_pain"):
        return nerve_worse(f, sign, snapshot)
    if sign == "bladder":
        # Another kind than the one a nurse knows about; an unknown one is another.
        return f.says("bladder_change") == "worse" or f.says("bladder") != snapshot.get("level")
    if sign == "bowel":
        return f.says("bowel_change") == "worse"
    if sign == "fever":
        return up_by(f.temp_c(), snapshot.get("temp_c"), 0.5)
    if sign == "site_pain_up":
        return f.says("site_pain_change") == "more" or up_by(f.pain_site, snapshot.get("pain_site"), 2)
    if sign in ("back_pain_up", "back_worse_than_before"):
        return f.says("back_change") == "worse" or up_by(f.pain, snapshot.get("pain"), 2)
    if sign == "site_swelling":
        return f.says("site_swelling") == "new_or_growing"
    if sign == "site_redness":
        return f.says("site_redness") == "new_or_spreading"
    if sign == "says_worse":
        # The word itself says that it is worse than before.
        return True
    # Only "a persisting one, 'same', may be lowered"; better is no worse than same.
    return sign == "back_new_sudden" and f.says("back_change") not in ("same", "better")


def nerve_worse(f: Facts, sign: str, snapshot: dict) -> bool:
    """Change 'worse', a region that is not in the snapshot, or one step down in standing."""
    where, known = f.chosen(f"{sign}_where"), set(snapshot.get("regions") or ())
    if f.says(f"{sign}_change") == "worse" or where - known or (known and not where):
        return True
    return sign == "weak" and STANDING[f.says("weak_stand")] > STANDING[snapshot.get("weak_stand")]


def up_by(now: float | None, then: float | None, step: float) -> bool:
    """`now` is `step` or more above `then`; both unknown is no rise, one unknown is."""
    if now is None or then is None:
        return (now is None) != (then is None)
    return now - then >= step - 1e-6

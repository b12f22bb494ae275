"""The oracle's watch rules, notices and silence."""

from tests.triage.oracle_facts import Facts, as_date
from tests.triage.oracle_urgent import apap_cap, in_swelling_grace

OTC = {"acetaminophen", "nsaid", "other"}
REQUIRED = ("em_gate", "nerve_gate", "site_gate", "fever_feel", "pain_move", "back_change")


def watch(f: Facts, urgent: set[str]) -> list[str]:
    """Every watch rule that fires for a log; `urgent` are the 911 and doctor-now ids that fired."""
    return [*pain_watch(f, urgent), *site_watch(f), *body_watch(f), *medicine_watch(f), *day_watch(f)]


def slow_gain_pass(f: Facts) -> bool:
    """The one way out of RW-01: contacted, truly falling, and no lasting-pain flag."""
    alert, base = f.open_alert("early_pain"), f.baseline_pain
    if alert is None or alert.get("ack") not in ("contacted", "evaluated"):
        return False
    if base is None or f.pain is None or f.last_pain is None or f.lasting_pain_risk():
        return False
    gain = base - f.pain
    return gain >= 2 and gain >= 0.3 * base - 1e-9 and f.pain <= f.last_pain


def pain_watch(f: Facts, urgent: set[str]) -> list[str]:
    """RW-01 to RW-04, RW-30 and RW-31."""
    fired = []
    if 48 <= f.hours < 336 and f.not_greatly_reduced() and not slow_gain_pass(f):
        fired.append("RW-01")
    if f.hours >= 336 and f.not_greatly_reduced():
        fired.append("RW-02")
    if f.hours >= 504 and f.pain_site is not None and f.pain_site >= 1:
        fired.append("RW-03")
    small_rise = f.rose(2) and f.pain is not None and f.pain < 4
    if (small_rise or f.says("back_change") == "worse") and not urgent & {"RDN-16", "RDN-17", "RDN-18"}:
        fired.append("RW-04")
    known = f.pain is not None and f.low_since_48 is not None
    crept = known and f.pain >= 4 and f.pain - f.low_since_48 >= 3  # type: ignore[operator]
    heard = urgent & {"RDN-16", "RDN-17", "RDN-18"} or {"RW-01", "RW-02"} & set(fired)
    if f.hours >= 216 and crept and not heard:
        fired.append("RW-31")
    early = f.pain is not None and f.pain >= 8 and f.hours < 48
    if early or (f.pain_site is not None and f.pain_site >= 7):
        fired.append("RW-30")
    return fired


def site_watch(f: Facts) -> list[str]:
    """RW-06 to RW-09, RW-11 to RW-13, RW-28 and RW-29."""
    fired = []
    if f.says("site_redness") == "small_not_spreading":
        fired.append("RW-06")
    if f.says("site_drainage") == "clear_or_pink":
        fired.append("RW-07")
    if f.says("site_bleeding") == "spot" and f.hours >= 48:
        fired.append("RW-08")
    if f.says("site_bruise") == "growing":
        fired.append("RW-09")
    under_line = f.temp is not None and not f.measured_fever()
    in_band = under_line and f.temp >= (100.0 if f.temp_unit == "F" else 37.8)
    if in_band:
        fired.append("RW-11")
    cool = under_line and not in_band
    feel = f.says("fever_feel")
    if (feel == "yes" and cool) or (feel == "unsure" and f.temp is None):
        fired.append("RW-12")
    if f.log.get("temp_value") is not None and f.temp is None:
        fired.append("RW-13")
    if in_swelling_grace(f):
        fired.append("RW-28")
    if f.site_rose() and f.pain_site < 3 and f.says("site_pain_change") != "more":
        fired.append("RW-29")
    return fired


def old_not_on_file(f: Facts, symptom: str, code: str) -> bool:
    """An old symptom in a place the clinic has not recorded; an unknown place is not recorded."""
    if f.says(symptom) != "yes" or f.says(f"{symptom}_change") not in ("same_as_before", "better"):
        return False
    where = f.chosen(f"{symptom}_where")
    on_file = where and all(f"{code}_{region}" in f.baseline_symptoms for region in where)
    return f.open_alert(symptom) is None and not on_file


def body_watch(f: Facts) -> list[str]:
    """RW-05, RW-10, RW-15, RW-20 to RW-23 and RW-25."""
    fired = []
    if f.says("back_stiff") == "new_or_worse":
        fired.append("RW-05")
    pairs = (("numb", "numb"), ("weak", "weak"), ("spread_pain", "pain"))
    if any(old_not_on_file(f, symptom, code) for symptom, code in pairs):
        fired.append("RW-10")
    if f.says("fall") == "fell_ok" and f.says("fall_head_hit", "no") == "no":
        fired.append("RW-15")
    if f.says("stomach") == "cannot_keep_down":
        fired.append("RW-20")
    if f.says("mobility_change") == "worse":
        fired.append("RW-21")
    walked_before = f.patient.get("baseline_walk_level") not in ("none", "room")
    if f.hours >= 336 and f.says("walk_level") in ("none", "room") and walked_before:
        fired.append("RW-22")
    moods = [f.log.get("mood")] + [old.get("mood") for _, old in f.told[-2:]]
    if moods == ["low", "low", "low"]:
        fired.append("RW-23")
    pills = f.meds & {"acetaminophen", "opioid_acetaminophen"} and f.log.get("apap_total_mg") is None
    missing = any(f.log.get(field) is None for field in REQUIRED)
    if (missing or pills) and not f.just_fine():
        fired.append("RW-25")
    return fired


def medicine_watch(f: Facts) -> list[str]:
    """RW-16 to RW-19."""
    fired = []
    taken_mg = f.log.get("apap_total_mg")
    if taken_mg is not None and 3000 < taken_mg <= apap_cap(f):
        fired.append("RW-16")
    if len(f.meds) >= 2 and f.patient.get("two_pain_meds_ok") is not True:
        fired.append("RW-17")
    more = f.says("took_as_directed") == "more"
    over_and_sleepy = more and f.opioid_taken and f.says("energy") == "very_tired"
    if (more and not over_and_sleepy) or (f.meds & OTC and f.patient.get("otc_pain_ok") is False):
        fired.append("RW-18")
    if no_restart_date(f):
        fired.append("RW-32")
    if thinner_not_as_set(f) or f.says("other_meds_restarted") == "yes_not_told":
        fired.append("RW-19")
    return fired


def no_restart_date(f: Facts) -> bool:
    """RW-32, with or without a log."""
    held = f.patient.get("blood_thinner_held")
    return bool(held and f.patient.get("thinner_restart_on") is None and f.hours >= 24)


def thinner_not_as_set(f: Facts) -> bool:
    """The held blood thinner was started with no date or too soon, or not by the day after."""
    if not f.patient.get("blood_thinner_held"):
        return False
    taken, today = f.says("blood_thinner_taken"), f.local_date()
    restart = as_date(f.patient.get("thinner_restart_on"))
    if taken == "yes":
        return restart is None or today is None or today < restart
    return taken == "no" and restart is not None and today is not None and today > restart


def recent_opioid(f: Facts) -> bool:
    """An opioid in the last day's pills, or less than 24 hours ago."""
    since = f.log.get("opioid_hours_since")
    return f.opioid_taken or (since is not None and since < 24)


def day_watch(f: Facts) -> list[str]:
    """RW-26 and RW-27."""
    fired = []
    did = f.chosen("activities")
    lifted = "lifted_heavy" in did and not f.cleared("heavy_cleared_on")
    if lifted or ("hard_exercise" in did and not f.cleared("strenuous_cleared_on")):
        fired.append("RW-26")
    if "drove" in did and (recent_opioid(f) or f.hours < 24):
        fired.append("RW-27")
    return fired


def notices(f: Facts) -> list[str]:
    """Notices in order; none before the procedure, when only emergency and call text is shown."""
    shown = []
    did = f.chosen("activities")
    if "drove" in did and 24 <= f.hours < 48 and not recent_opioid(f):
        shown.append("N-01")
    if "bent_twisted" in did and not f.cleared("heavy_cleared_on"):
        shown.append("N-02")
    if f.says("dressing") == "wet_or_loose":
        shown.append("N-03")
    if f.log.get("ice_longest_min") is not None and f.log["ice_longest_min"] > 20:
        shown.append("N-04")
    if f.patient.get("brace_prescribed") and f.says("brace_worn") in ("no", "some"):
        shown.append("N-05")
    if f.meds & OTC and f.patient.get("otc_pain_ok") is None:
        shown.append("N-06")
    if f.says("stomach") == "upset":
        shown.append("N-08")
    if "desk_work" in did and f.hours < 48:
        shown.append("N-11")
    return shown if f.hours >= 0 else []


def silent_too_long(f: Facts) -> bool:
    """RW-24: hours since the last log, or since the procedure; the phase goes by the hour it is now."""
    heard = [at for at, _ in f.earlier if at >= 0]
    since = f.hours - (heard[-1] if heard else 0)
    if f.hours < 336:
        return f.hours >= 0 and since >= 48
    if f.hours < 1008:
        return since >= 72
    return since >= 192 if f.hours < 2160 else since >= 840

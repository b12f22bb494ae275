"""A second, independent judge of a log: one plain chain of ifs, written from the clinical rules alone.

It exists to disagree. Where a row can be read in two ways it takes the more urgent one; each such
choice is named beside the line that makes it.
"""

from tests.triage.oracle_facts import HARD_SIGNS, Facts
from tests.triage.oracle_urgent import Signs, doctor_now, emergencies, may_be_lowered
from tests.triage.oracle_watch import no_restart_date, notices, silent_too_long, watch

TIERS = ["on_track", "watch", "call_doctor_now", "call_911"]
RISING_SIGNS = {"back_new_sudden", "back_pain_up"}


def judge(patient: dict, hours: float, log: dict | None, history: list[dict]) -> dict:
    """Tier, fired rule ids and notices in the order of the rules, and the nurse priority (None on track)."""
    f = Facts(patient, hours, log, history)
    if log is None:
        return silence(f)
    red, amber = emergencies(f), doctor_now(f)
    lowered = {sign for sign in amber.values() if sign and may_be_lowered(f, sign)}
    sounding = {rule: sign for rule, sign in amber.items() if sign not in lowered}
    # "Fine" never makes a sign absent: an open alert waits as it does in silence.
    latches, latched = waiting(f) if f.just_fine() else latched_rules(f, {**red, **amber})
    if lowered:
        latches["RL-03"] = "watch"
    yellow = watch(f, {*red, *sounding})
    if hours < 0:
        # Principle 6: 911 and doctor-now signs hold at any hour, and a missed question still blocks on_track.
        yellow = [rule for rule in yellow if rule == "RW-25"]
    tiers = {
        **dict.fromkeys(red, "call_911"),
        **dict.fromkeys(sounding, "call_doctor_now"),
        **latches,
        **dict.fromkeys(yellow, "watch"),
    }
    signs = {sign or rule for rule, sign in amber.items()} | latched
    return verdict(f, tiers, notices(f), signs)


def latched_rules(f: Facts, present: Signs) -> tuple[dict[str, str], set[str]]:
    """RL-01 and RL-02 with their tier, and the signs gone but still worth a call now."""
    tiers: dict[str, str] = {}
    latched = set()
    for alert in f.open_alerts:
        sign = alert.get("sign")
        if alert.get("ack") not in (None, "none", "seen") or sign in {*present, *present.values()}:
            continue
        opened = alert.get("opened_hours")
        within_7_days = opened is None or f.hours - opened <= 168
        if alert["tier"] == "call_911":
            rule, urgent = "RL-01", within_7_days
        elif alert["tier"] == "call_doctor_now":
            rule, urgent = "RL-02", within_7_days and sign in HARD_SIGNS
        else:
            continue
        if urgent:
            latched.add(sign)
        tiers[rule] = "call_doctor_now" if urgent else tiers.get(rule, "watch")
    return tiers, latched


def waiting(f: Facts) -> tuple[dict[str, str], set[str]]:
    """RL-04: an unanswered urgent alert keeps its tier."""
    urgent = [
        alert
        for alert in f.open_alerts
        if alert["tier"] in ("call_911", "call_doctor_now") and alert.get("ack") in (None, "none", "seen")
    ]
    tiers = {"RL-04": max((alert["tier"] for alert in urgent), key=TIERS.index)} if urgent else {}
    return tiers, {alert["sign"] for alert in urgent if alert["tier"] == "call_doctor_now"}


def silence(f: Facts) -> dict:
    """No log: RL-04, and RW-24 beside it."""
    tiers, signs = waiting(f)
    if silent_too_long(f):
        tiers["RW-24"] = "watch"
    if no_restart_date(f):
        tiers["RW-32"] = "watch"
    return verdict(f, tiers, [], signs)


def verdict(f: Facts, tiers: dict[str, str], shown: list[str], signs: set[str]) -> dict:
    """The answer in the order of the rules: 911, doctor now, latches, watch."""
    groups = ["R911", "RDN", "RL", "RW"]
    fired = sorted(tiers, key=lambda rule: (groups.index(rule.split("-")[0]), rule))
    tier = max(tiers.values(), key=TIERS.index, default="on_track")
    priority = nurse_priority(f, tier, signs)
    return {"tier": tier, "fired": fired, "notices": shown, "nurse_priority": priority}


def nurse_priority(f: Facts, tier: str, signs: set[str]) -> str | None:
    """P0 to P4. `signs` are the doctor-now signs that are there, known ones included."""
    if tier == "on_track":
        return None
    if tier == "call_911":
        return "P0"
    if tier == "watch":
        return "P3" if f.lasting_pain_risk() or f.new_break_risk() else "P4"
    # Also a rise that is only worth a watch, in numbers or in words (DF-09). Pain above the level before
    # the procedure is another thing: C-07 names "rising (>=2)" and "above-baseline" side by side.
    rising = bool(signs & RISING_SIGNS) or f.rose(2) or f.says("back_change") == "worse"
    if f.on_a_thinner() and signs & {"numb", "spread_pain"}:
        return "P1"
    if signs & HARD_SIGNS or len(signs) >= 2 or signs & {"thinner_bleed", "self_harm"}:
        return "P1"
    if ("fever" in signs and rising) or (rising and f.new_break_risk()):
        return "P1"
    if signs & {"numb", "spread_pain"} and f.not_greatly_reduced():
        return "P1"
    return "P2"

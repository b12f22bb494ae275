"""Reasons for the nurse with values: the number, its unit, since when, and the value before the procedure.

The rule book's `reason` names what to look at; where that has a value, a function here says the value. Each
function takes the facts of one judgement (known.Known) and returns one or two sentences. The phone shows no
reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from recovery.triage.quotes import heard
from recovery.triage.reason_words import (
    ACTIVITIES,
    ASKED,
    BREATH,
    CHANGES,
    LASTING,
    LEGS,
    NEW_BREAK,
    PILLS,
    REGIONS,
    STANDS,
    SWELLING,
    WALKED,
    Facts,
    how_long_after,
    in_time,
    kind_of_pain,
    listed,
    of_ten,
    opioid,
    pain,
    pain_before,
    pills,
    risks,
    temperature,
    thinner,
)


def reason_of(reason_from: str, reason: str, facts: Facts) -> str:
    """Return a rule's reason for these facts: from its reason_from function, or its fixed words without one."""
    return REASONS[reason_from](facts) if reason_from else reason


def _still(facts: Facts, sign: str, words: str) -> str:
    """Return the reason for a sign that only its open alert keeps."""
    opened = facts["alert_by_sign"][sign]["opened_hours"]
    return f"{words}, its alert open for {max(0, facts['hours'] - opened):.0f} h. {pain(facts)}"


def _pain_up(facts: Facts) -> str:
    if facts["back_pain_rises_now"]:
        return pain(facts)
    return _still(facts, "back_pain_up", "Back pain had gone up and is not down")


def _over_baseline(facts: Facts) -> str:
    if facts["over_baseline"]:
        now, before = of_ten(facts["pain"]), f"{facts['baseline_pain']:g}"
        return f"{kind_of_pain(facts)} {now}: above the {before} before the procedure."
    return _still(facts, "back_worse_than_before", "Back pain was above the level before the procedure")


def _sudden(facts: Facts) -> str:
    tapped = facts["back_change"] == "new_sudden"
    told = "New sudden back pain: possible new break." if tapped else "New sudden back pain told before, not down."
    return f"{told} {pain(facts)}{risks(facts, NEW_BREAK, 'New-break risk')}"


def _numb(facts: Facts) -> str:
    where = listed(facts["numb_where"], REGIONS) or "place not said"
    return f"Numb or tingling: {where}; {CHANGES[facts['numb_change']]}."


def _weak(facts: Facts) -> str:
    where = listed(facts["weak_where"], REGIONS) or "place not said"
    return f"Weakness: {where}; {CHANGES[facts['weak_change']]}; {STANDS[facts['weak_stand']]}."


def _spread(facts: Facts) -> str:
    where = listed(facts["spread_pain_where"], REGIONS) or "place not said"
    return f"Pain in legs, belly or bottom: {where}; {CHANGES[facts['spread_pain_change']]}."


def _bladder(facts: Facts) -> str:
    what = "Can not pass urine" if facts["bladder"] == "cannot_pee" else "Urine leaks"
    return f"{what}; {CHANGES[facts['bladder_change']]}."


def _bowel(facts: Facts) -> str:
    return f"Stool leaks; {CHANGES[facts['bowel_change']]}."


def _old(facts: Facts) -> str:
    told = (("numb", _numb), ("weak", _weak), ("spread_pain", _spread))
    known = [words(facts) for name, words in told if facts[name] == "yes"]
    return f"Old symptom not on file: confirm and record. {' '.join(known)}"


def _cord(facts: Facts) -> str:
    parts = [
        _bladder(facts) if facts["bladder"] != "none" else "",
        _bowel(facts) if facts["bowel"] != "none" else "",
        _weak(facts) if facts["weak"] == "yes" else "",
        _numb(facts) if facts["numb"] == "yes" else "",
    ]
    return f"Think cord or cauda equina; MRI now. {' '.join(filter(None, parts))}"


def _site_pain(facts: Facts) -> str:
    now, last = facts["pain_site"], facts["last_pain_site"]
    said = " Says more sore." if facts["site_pain_change"] == "more" else ""
    if now is None:
        return f"Needle spot: no number.{said}"
    if last is None:
        return f"Needle spot {of_ten(now)}, {how_long_after(facts)}.{said}"
    return f"Needle spot {last:g} → {now:g} {in_time(facts.get('last_pain_site_ago'))}.{said}"


def _fall(facts: Facts) -> str:
    what = ["fell and is hurt"] if facts["fall"] == "fell_hurt" else ["fell"]
    what += ["hit the head"] if facts["fall_head_hit"] == "yes" else []
    return f"{' and '.join(what).capitalize()}. {thinner(facts)}"


def _bleeding(facts: Facts) -> str:
    spot = {"spot": "a spot of blood", "soaking": "soaking blood"}.get(facts["site_bleeding"])
    what = [*([spot] if spot else []), *(["a growing bruise"] if facts["site_bruise"] == "growing" else [])]
    return f"At the needle spot: {' and '.join(what)}. {thinner(facts)}"


def _early(facts: Facts) -> str:
    return f"Not greatly reduced, {how_long_after(facts)}. {pain(facts)}"


def _late(facts: Facts) -> str:
    steps = "Next in the documents: look for a new break, leaked cement, another procedure (they differ: C-24)."
    flags = risks(facts, LASTING, "Lasting-pain risk")
    return f"Not greatly reduced, {how_long_after(facts)}; 7.8% have lasting pain. {pain(facts)}{flags} {steps}"


def _small_rise(facts: Facts) -> str:
    said = "Says worse. " if facts["back_change"] == "worse" else ""
    return f"{said}{pain(facts)}"


def _crept(facts: Facts) -> str:
    days = facts.get("low_since48_ago")
    since = f" {round(days / 24)} days ago" if days is not None else ""
    low = f"{kind_of_pain(facts)} {of_ten(facts['pain'])}, lowest since day 2 was {facts['low_since48']:g}{since}"
    return f"{low} {pain_before(facts)}.{risks(facts, NEW_BREAK, 'New-break risk')}"


def _restart(facts: Facts) -> str:
    date = facts["thinner_restart_on"]
    told = []
    if facts["blood_thinner_held"] and facts["thinner_too_soon"]:
        told.append(
            f"Blood thinner taken before its date ({date})." if date else "Blood thinner taken, no date set."
        )
    if facts["blood_thinner_held"] and facts["thinner_not_restarted"]:
        told.append(f"Blood thinner not started; its date was {date}.")
    if facts["other_meds_restarted"] == "yes_not_told":
        told.append("Other medicines started again without being told.")
    return " ".join(told)


def _not_directed(facts: Facts) -> str:
    more = "Took more pain pills than told. " if facts["took_as_directed"] == "more" else ""
    bought = facts["otc_taken"] and facts["otc_pain_ok"] is False
    return f"{more}{'Took a pill from the store that is not approved. ' if bought else ''}{pills(facts)}"


def _missing(facts: Facts) -> str:
    missing = [words for name, words in ASKED.items() if facts[name] is None]
    if facts["apap_taken"] and facts["apap_total_mg"] is None:
        missing.append("how much acetaminophen")
    return f"Not answered: {', '.join(missing)}."


def _cap(facts: Facts) -> str:
    return f"Acetaminophen {facts['apap_total_mg']:g} mg in a day; the most is {facts['apap_max_mg']:g} mg."


def _near_faint(facts: Facts) -> str:
    return f"Near faint: check bleeding and breathing. {pills(facts)} {thinner(facts)}"


def _fever(facts: Facts) -> str:
    return f"Fever: {temperature(facts)}. {pills(facts)} {pain(facts)}"


REASONS: Mapping[str, Callable[[Facts], str]] = {
    "breath_severe": lambda f: (
        "Severe breathing trouble. Think cement or clot in the lung; cement leak on record: "
        f"{'yes' if f['cement_leakage'] else 'no'}."
    ),
    "breath": lambda f: f"Short of breath, {BREATH[f['em_breath']]}.",
    "legs": lambda f: f"{LEGS[f['em_leg_move']]}; {CHANGES[f['em_leg_move_change']]}.",
    "words_911": lambda f: f"Danger words in the note. {heard(f, 'says_911')}".rstrip(),
    "hard_to_wake": lambda f: f"Helper says very hard to wake; {opioid(f)}.",
    "cord": _cord,
    "numb": _numb,
    "weak": _weak,
    "spread": _spread,
    "bladder": _bladder,
    "bowel": _bowel,
    "swelling": lambda f: f"Swelling at the needle spot: {SWELLING[f['site_swelling']]}, {how_long_after(f)}.",
    "site_pain": _site_pain,
    "fever": _fever,
    "feverish": lambda f: f"Feels feverish, no reading. {pills(f)}",
    "sudden": _sudden,
    "pain_up": _pain_up,
    "over_baseline": _over_baseline,
    "fall": _fall,
    "cap": _cap,
    "bleeding": _bleeding,
    "words_doctor_now": lambda f: f"Warning words in the note. {heard(f, 'says_doctor_now')}".rstrip(),
    "took_more": lambda f: f"Took more than told and is very sleepy. {pills(f)}",
    "near_faint": _near_faint,
    "words_self_harm": lambda f: f"Words of self-harm in the note. {heard(f, 'says_self_harm')}".rstrip(),
    "early": _early,
    "late": _late,
    "site_by_day": lambda f: f"Needle spot {of_ten(f['pain_site'])} on {how_long_after(f)}.",
    "small_rise": _small_rise,
    "blood_spot": lambda f: f"A spot of blood at the needle spot, {how_long_after(f)}.",
    "old": _old,
    "near_fever": lambda f: f"Just under the fever line: {temperature(f)}.",
    "unsure_fever": lambda f: (
        f"Feels feverish; reading {temperature(f)}." if f["temp_usable"] else "Not sure about fever, no reading."
    ),
    "temp_unreadable": lambda f: f"Temperature can not be read: {temperature(f)}.",
    "two_kinds": lambda f: f"Two kinds of pain pills, no approval on record: {listed(f['pain_meds'], PILLS)}.",
    "not_directed": _not_directed,
    "restart": _restart,
    "walked": lambda f: (
        f"Walked: {WALKED[f['walk_level']]}, {how_long_after(f)}; before the fracture: "
        f"{WALKED.get(f['baseline_walk_level'], 'not known')}."
    ),
    "silent": lambda f: f"No log for {f['silent_hours']:.0f} h; the limit is {f['silence_limit_hours']:.0f} h.",
    "missing": _missing,
    "broke_limit": lambda f: f"Broke a limit that is not lifted: {listed(f['activities'], ACTIVITIES)}.",
    "drove": lambda f: f"Drove, {how_long_after(f)}; {opioid(f)}.",
    "swelling_grace": lambda f: (
        f"Small swelling inside the grace of {f['site_swelling_grace_hours']:g} h, {how_long_after(f)}."
    ),
    "severe_pain": lambda f: f"Severe pain. {pain(f)} {_site_pain(f)}",
    "crept": _crept,
    "no_restart_date": lambda f: f"Blood thinner on hold and no date to start it, {how_long_after(f)}: set one.",
}

"""Words for numbers, places and pills in a nurse's reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Facts = Mapping[str, Any]

REGIONS = {
    "legs": "legs or feet",
    "belly": "belly",
    "buttocks": "bottom or between the legs",
    "treated_area": "treated spot",
    "other": "elsewhere",
}
CHANGES = {
    "new": "new since the procedure",
    "worse": "worse than before the procedure",
    "same_as_before": "as before the procedure",
    "better": "getting better",
    None: "start not said",
}
STANDS = {
    "can": "can stand",
    "hard": "stands with difficulty",
    "cannot": "can not stand",
    None: "standing not said",
}
BREATH = {"some": "some", "usual": "“my usual”, which is not on record", "severe": "severe"}
LEGS = {"one_cannot": "One leg does not move", "both_cannot": "Both legs do not move"}
SWELLING = {"small_not_growing": "small, not growing", "new_or_growing": "new or getting bigger"}
PILLS = {
    "acetaminophen": "acetaminophen",
    "nsaid": "ibuprofen or naproxen",
    "opioid": "strong pain pill",
    "opioid_acetaminophen": "strong pain pill with acetaminophen",
    "other": "another pain pill",
}
ACTIVITIES = {"lifted_heavy": "lifted a heavy thing", "hard_exercise": "hard exercise"}
WALKED = {"none": "did not walk", "room": "in the room", "house": "in the house", "outside": "out of the house"}
ASKED = {
    "em_gate": "emergency list",
    "nerve_gate": "legs, belly, bottom, bladder",
    "site_gate": "needle spot",
    "fever_feel": "fever",
    "pain_move": "pain on moving",
    "back_change": "back pain since the last log",
}
NEW_BREAK = {"cement_leakage": "cement leak", "hu_low": "low HU", "bmd_low": "low bone density"}
LASTING = {
    "intravertebral_cleft": "cavity",
    "fascia_oedema": "fascia oedema",
    "facet_injury": "facet joint injury",
    "separated_cement": "separated cement",
}
JUNCTION = ("T12", "L1")


def of_ten(value: float) -> str:
    return f"{value:g} of 10"


def listed(names: Iterable[str], words: Mapping[str, str]) -> str:
    return ", ".join(words[name] for name in words if name in set(names))


def in_time(hours: float | None) -> str:
    """Return words for the time since a log that many hours ago, such as "in 5 h" or "since yesterday"."""
    if hours is None:
        return "since an earlier log"
    if hours < 18:
        return f"in {max(1, round(hours))} h"
    return "since yesterday" if hours < 36 else f"in {round(hours / 24)} days"


def how_long_after(facts: Facts) -> str:
    hours = facts["hours"]
    if hours < 0:
        return f"{-hours:.0f} h before the procedure"
    return f"{hours:.0f} h after the procedure" if hours < 96 else f"day {int(hours // 24)} after the procedure"


def pain_before(facts: Facts) -> str:
    base = facts["baseline_pain"]
    return f"(before the procedure {base:g})" if base is not None else "(before the procedure not known)"


def kind_of_pain(facts: Facts) -> str:
    moving, resting = facts["pain_move"], facts["pain_rest"]
    return "Pain on moving" if moving is not None and (resting is None or moving >= resting) else "Pain at rest"


def pain(facts: Facts) -> str:
    """Return words such as "Pain on moving 2 → 5 since yesterday (before the procedure 8)."."""
    now, last, low = facts["pain"], facts["last_pain"], facts["low7_pain"]
    if now is None:
        return f"Back pain not said {pain_before(facts)}."
    if last is None:
        return f"{kind_of_pain(facts)} {of_ten(now)} {pain_before(facts)}."
    told = f"{kind_of_pain(facts)} {last:g} → {now:g} {in_time(facts.get('last_pain_ago'))} {pain_before(facts)}."
    if low is not None and low < last:
        told += f" Lowest of the last 7 days: {low:g}."
    return told


def risks(facts: Facts, words: Mapping[str, str], title: str) -> str:
    found = [said for name, said in words.items() if facts[name]]
    if title == "New-break risk" and any(level in facts["levels"] for level in JUNCTION):
        found.append("T12 or L1 treated")
    return f" {title}: {', '.join(found)}." if found else f" {title}: no flag on record."


def thinner(facts: Facts) -> str:
    if facts["blood_thinner_taken"] == "yes":
        return "Blood thinner: taken again."
    if facts["blood_thinner_continued"]:
        return "Blood thinner: never stopped."
    return "Blood thinner: on hold." if facts["blood_thinner_held"] else "Blood thinner: none on record."


def pills(facts: Facts) -> str:
    taken = listed(facts["pain_meds"], PILLS)
    since = facts["opioid_hours_since"]
    strong = f" Last strong pill {since:g} h ago." if since is not None else ""
    return f"Pain pills in the last day: {taken or 'none told'}.{strong}"


def opioid(facts: Facts) -> str:
    since = facts["opioid_hours_since"]
    if since is not None:
        return f"last strong pill {since:g} h ago"
    if facts["opioid_taken"]:
        return "a strong pill in the last day"
    return "strong pills prescribed, last one not told" if facts["opioid_prescribed"] else "no strong pill told"


def temperature(facts: Facts) -> str:
    value = f"{facts['temp_value']:g}"
    if facts["temp_usable"]:
        return f"{value} °{'F' if facts['temp_in_f'] else 'C'}"
    return f"{value}, no temperature in °F or °C"

"""Logs, patients, alerts and histories to throw at anything that judges a log.

They are built from the values in `answers`, by one generator with two drivers: hypothesis, which makes
a counterexample small, and a plain seeded `Random`, which is fast. Nothing here knows the right verdict.
"""

from collections.abc import Iterator
from itertools import combinations
from random import Random
from typing import Any

from hypothesis import strategies as st

from recovery.triage.config import Setting, looser, numbers_in, settings, value_of
from tests.depth import examples
from tests.triage.answers import (
    AGES,
    BASELINE_SYMPTOMS,
    CALM_LOG,
    DATES,
    EDGE_HOURS,
    FEW,
    FIELDS,
    PAIN,
    PATIENT,
    SHOWS,
    SNAPSHOT,
    TIER_OF_SIGN,
    ZONES,
)

Situation = tuple[dict[str, Any], float, dict[str, Any] | None, list[dict[str, Any]]]
Configured = tuple[dict[str, Any], float, dict[str, Any] | None, list[dict[str, Any]], dict[str, Any]]

# Ages of earlier logs, on both sides of seven days and of every silence; -1 is a log still to come.
EARLIER_AGES = [-1.0, 0.0, *AGES, 12.0, 71.99, 72.0, 191.99, 192.0, 839.99, 840.0]
# Of an earlier log only the pain and the mood can matter.
EARLIER: dict[str, list[Any]] = {
    "pain_move": [None, 0, 1, 2, 3, 4, 5, 7, 9],
    "pain_rest": [None, 0, 2, 3, 6],
    "pain_site": [None, 0, 0, 1, 2, 3, 5],
    "mood": ["low", "low", "low", "ok", None],
    "short_answer": [None, None, None, None, None, "fine", "worse"],
}
FLAGS = (
    "brace_prescribed",
    "blood_thinner_held",
    "blood_thinner_continued",
    "cement_leakage",
    "hu_low",
    "bmd_low",
)
RARE_FLAGS = ("intravertebral_cleft", "fascia_oedema", "facet_injury", "separated_cement")
OVERRIDES: dict[str, list[Any]] = {
    "site_swelling_grace_hours": [72, 48, 24, 0],
    "heavy_cleared_on": DATES,
    "strenuous_cleared_on": DATES,
    "fever_threshold_f": [99.5, 100.2, 100.4, 101.0],
    "fever_threshold_c": [37.5, 37.9, 38.0, 38.5],
}


def any_answer(random: Random) -> dict[str, Any]:
    """One field with one of its values."""
    field = random.choice(list(FIELDS))
    return {field: random.choice(FIELDS[field])}


def any_log(random: Random, alerts: list[dict[str, Any]]) -> dict[str, Any]:
    """Mostly a calm log that shows what the alerts are about, with a few answers changed."""
    kind = random.choice(["shown", "shown", "shown", "calm", "absent", "wild"])
    if kind == "wild":
        share = random.random()
        return {field: random.choice(values) for field, values in FIELDS.items() if random.random() < share}
    log = {} if kind == "absent" else dict(CALM_LOG)
    for alert in alerts if kind == "shown" else ():
        log.update(SHOWS.get(alert["sign"], {}))
    for _ in range(random.randint(0, 5)):
        log.update(any_answer(random))
    if random.random() < 0.25:
        log.update(mood="low", pain_site=random.randint(0, 4))
    return log


def any_alert(random: Random, now: float, sign: str) -> dict[str, Any]:
    """An alert of this sign, with every ack, ages on both sides of the limits, and a snapshot."""
    ack_hours = [None, round(now + 1, 2), *(round(now - age, 2) for age in AGES)]
    return {
        "sign": sign,
        "tier": TIER_OF_SIGN[sign],
        "status": random.choice(["open", "open", "open", "open", "resolved"]),
        "opened_hours": round(now - random.choice(AGES), 2),
        "ack": random.choice(["contacted", "evaluated", "none", "seen"]),
        "ack_hours": random.choice(ack_hours),
        "snapshot": {key: random.choice(v) for key, v in SNAPSHOT.items() if random.random() < 0.9},
    }


def any_history(random: Random, now: float) -> list[dict[str, Any]]:
    """Up to five earlier logs in any order, some at the same moment or after `now`."""
    ages = [random.choice(EARLIER_AGES) for _ in range(random.choice([0, 0, 1, 2, 3, 5]))]
    logs = [{key: random.choice(v) for key, v in EARLIER.items() if random.random() < 0.7} for _ in ages]
    return [{"hours": round(now - age, 2), "log": log} for age, log in zip(ages, logs, strict=True)]


def any_record(random: Random) -> dict[str, Any]:
    """What the clinic may have entered about a patient."""
    return {
        "procedure_end_at": random.choice(["2026-03-07T23:30:00-05:00", "2026-03-07T12:00:00+00:00"]),
        "time_zone": random.choice(ZONES),
        "baseline_pain": random.choice(PAIN),
        "baseline_walk_level": random.choice(FIELDS["walk_level"]),
        "baseline_symptoms": [code for code in BASELINE_SYMPTOMS if random.random() < 0.5],
        "levels": random.choice([[], ["L2"], ["T12"], ["L1", "L3"]]),
        "thinner_restart_on": random.choice(DATES),
        "apap_max_mg": random.choice([None, 0, 2000, 3000, 4000, 5000]),
        "otc_pain_ok": random.choice([True, False, None]),
        "two_pain_meds_ok": random.choice([True, False, None]),
        **{flag: random.choice([True, False, None]) for flag in FLAGS},
        **{flag: random.random() < 0.15 for flag in RARE_FLAGS},
    }


def any_situation(random: Random, *, silent: bool = False) -> Situation:
    """Everything a judge is given: patient, hours (-5 to 3000), log (None when silent), history."""
    now = random.choice([random.choice(EDGE_HOURS), random.randint(0, 90), random.randint(-500, 300_000) / 100])
    signs = random.sample(sorted(TIER_OF_SIGN), random.choice([0, 1, 1, 2, 3]))
    patient = {**PATIENT, "alerts": [any_alert(random, now, sign) for sign in signs]}
    if random.random() < 0.5:
        patient.update(any_record(random))
    if random.random() < 0.5:
        kept = [key for key in OVERRIDES if random.random() < 0.5]
        patient["clinic_overrides"] = {key: random.choice(OVERRIDES[key]) for key in kept}
    log = None if silent else any_log(random, patient["alerts"])
    return patient, now, log, any_history(random, now)


def any_value(random: Random, setting: Setting) -> Any:
    """A valid value of a setting made of numbers: each at a bound, at its default, or between."""
    if setting.options:
        return random.choice(list(setting.options))
    numbers = numbers_in(setting, setting.default)
    for part, (low, high) in setting.parts.items():
        steps = random.randint(0, round((high - low) / setting.step))
        numbers[part] = random.choice([low, high, numbers[part], round(low + steps * setting.step, 2)])
    return value_of(setting, numbers)


def any_config(random: Random, *, stricter: bool = False) -> dict[str, Any]:
    """What a clinic may have changed; with `stricter` only in the safer direction."""
    chosen = [s for s in settings().values() if (s.parts or s.options) and random.random() < 0.4]
    config = {setting.key: any_value(random, setting) for setting in chosen}
    return {k: v for k, v in config.items() if not (stricter and looser(settings()[k], settings()[k].default, v))}


def many_configured(
    *, seed: int, count: int, stricter: bool = False, silent: bool = False
) -> Iterator[Configured]:
    """The same situations with the same configs each time, fast."""
    random = Random(seed)
    for _ in range(examples(count)):
        situation = any_situation(random, silent=silent)
        yield (*situation, any_config(random, stricter=stricter))


def situations(*, silent: bool = False) -> st.SearchStrategy[Situation]:
    """Situations that hypothesis can make smaller."""
    return st.randoms(use_true_random=False).map(lambda random: any_situation(random, silent=silent))


def many_situations(*, seed: int, count: int, silent: bool = False) -> Iterator[Situation]:
    """The same situations each time, fast."""
    random = Random(seed)
    return (any_situation(random, silent=silent) for _ in range(examples(count)))


def single_answers(base: dict[str, Any]) -> list[dict[str, Any]]:
    """The base log with each field at each of its values, one at a time."""
    return [{**base, field: value} for field, values in FIELDS.items() for value in values]


def paired_answers(base: dict[str, Any]) -> list[dict[str, Any]]:
    """The base log with each two fields at each two of their few values."""
    pairs = []
    for one, two in combinations(FEW, 2):
        pairs += [{**base, one: a, two: b} for a in FEW[one] for b in FEW[two]]
    return pairs

"""What a log says, read by hand for the oracle: pain, temperature, words, dates and open alerts.

A second implementation, written from the clinical rules alone. It shares nothing with the rule book,
so the two can be held against each other.
"""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.triage import known_words

FRESH_EVERY_TIME = {"fall_hurt", "apap_over", "opioid_over", "site_bleeding", "thinner_bleed", "self_harm"}
FRESH_EVERY_TIME |= {"almost_passed_out"}
HARD_SIGNS = {"bladder", "bowel", "weak", "site_streaks", "site_pus"}


class Facts:
    """One log in its context. Absent and null answers are the same; a null item holds its default."""

    def __init__(self, patient: dict, hours: float, log: dict | None, history: list[dict]) -> None:
        self.patient = patient
        self.hours = hours
        self.log = log or {}
        self.overrides = patient.get("clinic_overrides") or {}
        self.baseline_symptoms = set(patient.get("baseline_symptoms") or ())
        self.baseline_pain = patient.get("baseline_pain")
        self.open_alerts = [a for a in patient.get("alerts") or () if a.get("status") == "open"]
        earlier = sorted((h for h in history if h["hours"] < hours), key=lambda h: h["hours"])
        self.earlier = [(h["hours"], h.get("log") or {}) for h in earlier]
        # "fine" by one word is no pain value, no mood; from before the procedure nothing counts but the mood.
        self.told = [(at, old) for at, old in self.earlier if not old.get("short_answer")]
        after = [(at, old) for at, old in self.told if at >= 0]
        self.pain = pain_of(self.log)
        pains = [(at, pain_of(old)) for at, old in after if pain_of(old) is not None]
        settled = [p for at, p in pains if p is not None and 48 <= at < hours - 168]
        self.low_since_48: float | None = min(settled, default=None)
        self.last_pain = pains[-1][1] if pains else None
        self.low_7_days = min((p for at, p in pains if p is not None and at >= hours - 168), default=None)
        self.pain_site: Any = self.log.get("pain_site")
        sites = [old["pain_site"] for _, old in after if old.get("pain_site") is not None]
        self.last_pain_site = sites[-1] if sites else None
        self.meds = self.chosen("pain_meds") - {"none"}
        self.opioid_taken = bool(self.meds & {"opioid", "opioid_acetaminophen"})
        self.temp, self.temp_unit = usable_temperature(self.log)

    def just_fine(self) -> bool:
        """One word by SMS or by a call, and the word is fine."""
        return self.log.get("short_answer") == "fine" and self.log.get("door") in ("sms", "call")

    def says(self, field: str, default: str | None = None) -> Any:
        """The answer, or `default` when it is absent or null."""
        answer = self.log.get(field)
        return default if answer is None else answer

    def chosen(self, field: str) -> set[str]:
        """The chips of a set question; nothing tapped is the empty set."""
        return set(self.log.get(field) or ())

    def words(self) -> tuple[set[str], set[str], bool]:
        """What stands in the person's own words and is not cleared: 911, doctor-now, self-harm."""
        cleared: set[str] = set()
        if self.log.get("notes_confirm") == "not_now":
            asked = self.log.get("notes_asked")
            every = {concept for found in known_words.STANDS.values() for concept in found}
            cleared = every if asked is None else set(asked)
        return known_words.said([self.log.get("notes"), self.log.get("question_for_team")], cleared)

    def open_alert(self, sign: str) -> dict | None:
        """The open alert of this sign, if there is one (at most one by rule)."""
        return next((a for a in self.open_alerts if a.get("sign") == sign), None)

    def rose(self, by: float) -> bool:
        """Back pain is at least `by` points above the newest earlier log that has a pain value."""
        return self.pain is not None and self.last_pain is not None and self.pain - self.last_pain >= by

    def site_rose(self) -> bool:
        """Needle spot pain is 2 points or more above the last one."""
        if self.pain_site is None or self.last_pain_site is None:
            return False
        return self.pain_site - self.last_pain_site >= 2

    def not_greatly_reduced(self) -> bool:
        """The definition at the head of the rules; an unknown pain is not judged."""
        pain, base = self.pain, self.baseline_pain
        if pain is None:
            return False
        if pain > 3 and (base is None or pain > 0.5 * base):
            return True
        return base is not None and base >= 1 and pain >= base

    def on_a_thinner(self) -> bool:
        """Taken again, or never stopped."""
        return self.says("blood_thinner_taken") == "yes" or bool(self.patient.get("blood_thinner_continued"))

    def fever_line(self, unit: str) -> float:
        """The line in this unit. A clinic alone may only lower it, so a higher one is not believed."""
        usual = 100.4 if unit == "F" else 38.0
        own = self.overrides.get("fever_threshold_f" if unit == "F" else "fever_threshold_c")
        return usual if own is None else min(usual, own)

    def measured_fever(self) -> bool:
        """A usable reading at or over the line."""
        return self.temp is not None and self.temp >= self.fever_line(self.temp_unit)

    def temp_c(self) -> float | None:
        """The reading in Celsius, for 'half a degree more' only."""
        if self.temp is None or self.temp_unit == "C":
            return self.temp
        return (self.temp - 32) / 1.8

    def local_date(self) -> date | None:
        """The patient's date at the log: real elapsed hours, then the patient's zone."""
        ended = self.patient.get("procedure_end_at")
        if ended is None:
            return None
        if isinstance(ended, str):
            ended = datetime.fromisoformat(ended)
        moment = ended.astimezone(ZoneInfo("UTC")) + timedelta(hours=self.hours)
        return moment.astimezone(ZoneInfo(self.patient.get("time_zone") or "UTC")).date()

    def cleared(self, key: str) -> bool:
        """The clinic set this date and the local date has reached it."""
        day, today = as_date(self.overrides.get(key)), self.local_date()
        return day is not None and today is not None and today >= day

    def lasting_pain_risk(self) -> bool:
        """Any of the four flags for lasting pain."""
        flags = ("intravertebral_cleft", "fascia_oedema", "facet_injury", "separated_cement")
        return any(self.patient.get(flag) for flag in flags)

    def new_break_risk(self) -> bool:
        """Leak, low density, or a level at the T12-L1 junction."""
        if any(self.patient.get(flag) for flag in ("cement_leakage", "hu_low", "bmd_low")):
            return True
        return bool({"T12", "L1"} & set(self.patient.get("levels") or ()))


def pain_of(log: dict) -> float | None:
    """The higher of moving and resting; None when both are missing."""
    scores = [log[k] for k in ("pain_move", "pain_rest") if log.get(k) is not None]
    return max(scores, default=None)


def usable_temperature(log: dict) -> tuple[Any, str]:
    """The reading and its unit: as tapped if plausible, else the other unit, else (None, '')."""
    value = log.get("temp_value")
    if value is None:
        return None, ""
    # The two ranges do not overlap, so the tapped unit never has to be preferred.
    if 93 <= value <= 110:
        return value, "F"
    if 33.9 <= value <= 43.3:
        return value, "C"
    return None, ""


def as_date(value: Any) -> date | None:
    """A date, from a date or from ISO text."""
    return date.fromisoformat(value) if isinstance(value, str) else value

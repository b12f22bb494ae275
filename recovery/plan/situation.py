"""The situation of a patient at one moment: patient record, state and `now`, read and checked. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from patients.tiers import TIERS
from patients.values.wall_clock import QuietHours, plus_days, to_wall
from recovery.plan.book import Book
from recovery.plan.clock import elapsed_hours, plus_hours
from recovery.plan.fields import Careful, Fields, InvalidInput
from recovery.plan.vocabulary import JOBS

SWELLING = ("none", "small_not_growing", "new_or_growing")
STATE_KEYS = frozenset(
    ["tier", "open_signs", "last_log_at", "opioid_last_dose_at", "pain_site", "site_swelling", "sent"]
    + ["held_back", "strong_pill_answer_at"]
)


@dataclass(frozen=True, slots=True)
class Overrides:
    """The clinic's overrides for this patient (log_schema, clinic overrides)."""

    quiet: QuietHours
    ice_ok: bool
    no_drive_until: date | None
    no_work_until: date | None
    heavy_cleared_on: date | None
    strenuous_cleared_on: date | None
    not_before_hours: Mapping[str, float]
    # Permissions whose delay cannot be read; they wait.
    delayed_unread: frozenset[str]
    # The unreadable overrides, as field and reason.
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Situation:
    """All facts a milestone may use. Instants are in UTC; dates are the patient's local dates."""

    now: datetime
    procedure_end_at: datetime
    zone: ZoneInfo
    # Where the patient lives, while they travel; else the same as zone.
    home_zone: ZoneInfo
    overrides: Overrides
    job_type: str | None
    brace_prescribed: bool
    brace_until: date | None
    blood_thinner_held: bool | None
    pt_ordered: bool
    start_dates: Mapping[str, date | None]
    next_visit_at: datetime | None
    opioid_prescribed: bool
    ice_reminders: bool
    enrolled_at: datetime | None
    tier: str
    open_signs: frozenset[str]
    last_log_at: datetime | None
    opioid_known: bool
    opioid_last_dose_at: datetime | None
    strong_pill_answer_at: datetime | None
    pain_site: int | None
    swollen: bool
    sent: frozenset[str]
    held_back: frozenset[str]

    @property
    def today(self) -> date:
        """Return the patient's local date now."""
        return to_wall(self.now, self.zone).date()

    @property
    def hours(self) -> float:
        """Return the real hours since the procedure ended."""
        return elapsed_hours(self.procedure_end_at, self.now)

    def day(self, days: int) -> datetime:
        """Return the instant that many calendar days after the procedure, at the same local time.

        During a travel it is the later of there and home, so that no trip brings a step sooner.
        """
        return max(plus_days(self.procedure_end_at, days, zone) for zone in (self.zone, self.home_zone))

    def hour(self, hours: float) -> datetime:
        """Return the instant that many real hours after the procedure."""
        return plus_hours(self.procedure_end_at, hours)

    def since_log_hours(self) -> float | None:
        """Return the real hours since the last log; None when there is no log."""
        return None if self.last_log_at is None else elapsed_hours(self.last_log_at, self.now)


def read_situation(patient: object, state: object, now: object, book: Book) -> Situation:
    """Return the situation from a patient record, a state and a moment; InvalidInput names the first bad field."""
    record, known = Fields("patient", patient), Fields("state", state)
    known.allow_only(STATE_KEYS)
    overrides = _overrides(record.part("clinic_overrides"), book)
    return Situation(
        procedure_end_at=_required_instant(record, "procedure_end_at"),
        zone=record.zone("time_zone"),
        home_zone=record.zone("time_zone" if record.values.get("home_zone") is None else "home_zone"),
        overrides=overrides,
        next_visit_at=record.instant("next_visit_at"),
        enrolled_at=record.instant("enrolled_at"),
        **_orders(record),
        **_state(known),
        now=_required_instant(Fields("", {"now": now}), "now"),
    )


def _required_instant(fields: Fields, key: str) -> datetime:
    fields.required(key)
    moment = fields.instant(key)
    assert moment is not None
    return moment


def _orders(record: Fields) -> dict[str, Any]:
    return {
        "job_type": record.choice("job_type", JOBS),
        "brace_prescribed": record.flag("brace_prescribed") is True,
        "brace_until": record.day("brace_until"),
        "blood_thinner_held": record.flag("blood_thinner_held"),
        "opioid_prescribed": record.flag("opioid_prescribed") is True,
        "ice_reminders": record.flag("ice_reminders") is True,
        "pt_ordered": record.flag("pt_ordered") is True,
        "start_dates": {key: record.day(key) for key in ("thinner_restart_on", "pt_start_on")},
    }


def _overrides(fields: Fields, book: Book) -> Overrides:
    """Read the overrides. Unreadable ones are left out and named, but one that can only hold back then holds.

    Source: clinical rules, principle 8.
    """
    careful = Careful()
    read = careful.read
    delays, unread = _delays(fields, careful, book)
    quiet = read(lambda: fields.wall_times("quiet_hours"), None)
    return Overrides(
        quiet=book.quiet if quiet is None else QuietHours(*quiet),
        ice_ok=read(lambda: fields.flag("ice_ok"), False) is not False,
        no_drive_until=read(lambda: fields.day_or_until_cleared("no_drive_until"), date.max),
        no_work_until=read(lambda: fields.day_or_until_cleared("no_work_until"), date.max),
        heavy_cleared_on=read(lambda: fields.day("heavy_cleared_on"), None),
        strenuous_cleared_on=read(lambda: fields.day("strenuous_cleared_on"), None),
        not_before_hours=delays,
        delayed_unread=unread,
        problems=tuple(careful.problems),
    )


def _delays(fields: Fields, careful: Careful, book: Book) -> tuple[dict[str, float], frozenset[str]]:
    """Return the hours each permission must wait, and the permissions whose hours cannot be read."""
    later = careful.read(lambda: fields.part("milestone_not_before_hours"), None)
    if later is None:
        return {}, book.ids
    careful.read(lambda: later.allow_only(book.ids), None)
    delays: dict[str, float] = {}
    unread: set[str] = set()
    for key in book.ids & later.values.keys():
        try:
            hours = later.hours(key)
        except InvalidInput as error:
            careful.problems.append(str(error))
            unread.add(key)
        else:
            delays |= {} if hours is None else {key: hours}
    return delays, frozenset(unread)


def _state(known: Fields) -> dict[str, Any]:
    known.required("tier")
    last_log_at = known.instant("last_log_at")
    return {
        "tier": known.choice("tier", TIERS),
        "open_signs": known.words("open_signs"),
        "last_log_at": last_log_at,
        # A missing key means never answered; null means no pill was taken.
        "opioid_known": "opioid_last_dose_at" in known.values,
        "opioid_last_dose_at": known.instant("opioid_last_dose_at"),
        "strong_pill_answer_at": known.instant("strong_pill_answer_at") or last_log_at,
        "pain_site": known.whole_number("pain_site", 0, 10),
        "swollen": known.choice("site_swelling", SWELLING) in SWELLING[1:],
        "sent": known.words("sent"),
        "held_back": known.words("held_back"),
    }

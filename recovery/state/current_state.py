"""The current state of a recovery: the tier, signs and facts that the plan needs (clinical rules, milestones)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from alerts.lifecycle import selectors as alert_selectors
from alerts.lifecycle.clearing import CALL_BACK
from alerts.models import AlertSign
from patients.models import Procedure
from patients.tiers import ON_TRACK, TIERS, WATCH
from recovery.models import DailyLog
from recovery.plan.book import Book, book_for
from recovery.settings.clinic_config import Config
from recovery.state import record
from recovery.triage.evaluate import judge

OPIOIDS = {"opioid", "opioid_acetaminophen"}
FALL_COUNTS_HOURS = 24
FALL_RECENT = "fall_recent"
BRUISE_GROWING = "site_bruise_growing"


@dataclass(frozen=True)
class Standing:
    """All data of one recovery at one moment, loaded once. logs are newest first."""

    procedure: Procedure
    now: datetime
    logs: list[DailyLog]
    alerts: list[dict[str, Any]]
    record: dict[str, Any]
    # What the clinic set for all its patients.
    config: Config

    @property
    def book(self) -> Book:
        """Return the plan's book with the clinic's settings applied."""
        return book_for(self.config)

    @property
    def hours(self) -> float:
        """Return the recovery hours: real hours since the procedure ended."""
        return record.hours_at(self.procedure, self.now)

    @property
    def last_log(self) -> DailyLog | None:
        """Return the newest log that was not superseded."""
        return self.logs[0] if self.logs else None

    @property
    def last_told(self) -> DailyLog | None:
        """Return the newest log that says how the patient is; the short answer "fine" does not count (DF-48)."""
        return next((log for log in self.logs if not log.only_fine), None)

    @property
    def held_back(self) -> list[str]:
        """Return the keys of the steps held back on or after their date, since a clinician last set that date."""
        if getattr(self.procedure, "held_back_set_at", None) != self.procedure.thinner_restart_set_at:
            return []
        return list(getattr(self.procedure, "held_back", None) or [])

    @property
    def in_hospital(self) -> bool:
        """Return whether the patient is in the hospital: reminders, plan and silence pause."""
        return getattr(self.procedure, "in_hospital_since", None) is not None

    @property
    def heard_at(self) -> datetime:
        """Return the moment silence is counted from: the last log, or the end of the procedure when later."""
        return max(
            self.last_log.happened_at if self.last_log else self.procedure.ended_at, self.procedure.ended_at
        )

    @property
    def open_signs(self) -> list[str]:
        """Return the keys of the patient's open signs; a promised call-back is not a sign of the patient."""
        found = [item["sign"] for item in self.alerts if item["status"] == "open"]
        return [key for key in found if key != CALL_BACK]


def load(procedure: Procedure, now: datetime, logs_with: QuerySet[DailyLog] | None = None) -> Standing:
    """Load the state of a recovery in two statements: the signs and the logs.

    The procedure must come from record.with_overrides.
    """
    return with_logs(procedure, now, record.history(procedure, logs_with))


def with_logs(
    procedure: Procedure, now: datetime, logs: list[DailyLog], rows: Iterable[AlertSign] | None = None
) -> Standing:
    """Load the state as `load` does, with logs read before; rows: of signs_that_count, if those were read too."""
    if rows is None:
        rows = alert_selectors.read_signs(procedure.patient_id, now)
    signs = alert_selectors.as_objects(rows, procedure.ended_at)
    known = record.patient_record(procedure, signs)
    return Standing(procedure, now, logs, signs, known, record.config(procedure, now))


def plan_tier(standing: Standing) -> str:
    """Return the tier for the plan's gates: the newest log, judged again with what staff did since (RL-03).

    No screen shows this tier: recovery.wording.patient_status says how the patient is now, and the advice of their
    newest urgent log says what to do. After staff closed the log's alert the tier is at most watch, because they
    have dealt with what the log reported.
    """
    log = standing.last_told
    if log is None:
        return _highest(standing.alerts)
    earlier = record.as_history(standing.procedure, [row for row in standing.logs if row is not log])
    verdict = judge(standing.record, max(standing.hours, 0.0), log.heard, earlier, config=standing.config)
    phone_said = log.phone_tier if standing.open_signs and log.phone_tier in TIERS else ON_TRACK
    now_at = max(verdict.tier, phone_said, key=TIERS.index)
    if _closed_since(standing, log):
        return min(now_at, WATCH, key=TIERS.index)
    return now_at


def _highest(alerts: list[dict[str, Any]]) -> str:
    open_tiers = [item["tier"] for item in alerts if item["status"] == "open"]
    return max(open_tiers, key=TIERS.index, default=ON_TRACK)


def _closed_since(standing: Standing, log: DailyLog) -> bool:
    """Return whether this log had an alert and the patient has no open sign left."""
    assessment = getattr(log, "assessment", None)
    return bool(assessment and assessment.alert_id and not standing.open_signs)


def state(standing: Standing, sent: list[str]) -> dict[str, Any]:
    """Return the state that the milestone function takes (end of the clinical rules)."""
    log = standing.last_told
    answers = log.answers if log else {}
    return {
        "tier": plan_tier(standing),
        "open_signs": sorted({*standing.open_signs, *_momentary_signs(standing)}),
        "last_log_at": log.happened_at if log else None,
        "pain_site": answers.get("pain_site"),
        "site_swelling": answers.get("site_swelling"),
        "sent": sent,
        "held_back": standing.held_back,
        **_opioid(standing),
    }


def _momentary_signs(standing: Standing) -> list[str]:
    """Return the signs that only milestones use: a fall in the last 24 hours, a growing bruise."""
    day_ago = standing.now - timedelta(hours=FALL_COUNTS_HOURS)
    fell = any(
        log.answers.get("fall") in ("fell_ok", "fell_hurt") for log in standing.logs if log.happened_at >= day_ago
    )
    log = standing.last_told
    grows = log is not None and log.answers.get("site_bruise") == "growing"
    return [FALL_RECENT] * fell + [BRUISE_GROWING] * grows


def _opioid(standing: Standing) -> dict[str, Any]:
    """Return when the last strong pain pill was taken: {} when never answered, None when none was taken."""
    answered = [(log.happened_at, dose) for log in standing.logs if (dose := _dose(log)) is not None]
    if not answered:
        return {}
    times = [moment for _, (known, moment) in answered if known and moment]
    newest, (known, _) = answered[0]
    if not times and not known:
        return {}
    return {"opioid_last_dose_at": max(times, default=None), "strong_pill_answer_at": newest}


def _dose(log: DailyLog) -> tuple[bool, datetime | None] | None:
    """Return what one log says about strong pain pills as (answered, when taken); None when it says nothing."""
    taken = OPIOIDS & set(log.answers.get("pain_meds") or ())
    hours = log.answers.get("opioid_hours_since")
    if hours is not None:
        return True, log.happened_at - timedelta(hours=float(hours))
    if taken:
        return True, log.happened_at
    if log.answers.get("pain_meds"):
        return True, None
    return None

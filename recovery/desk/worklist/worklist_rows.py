"""Turn each row of the worklist into plain words, so that the template only places them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from uuid import UUID
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from alerts.models import Alert
from alerts.policy.plan import next_move, read_plan
from patients.templatetags.kypho import TIERS, UNKNOWN_TIER
from patients.trouble import Parts
from recovery.desk.alert.alert_history import reason_words, together
from recovery.desk.desk_words import calls_without_answer, clock_words, for_how_long
from recovery.desk.worklist.worklist_query import WorkRow
from recovery.selectors.patient_status import Promised, Stay
from recovery.triage.rulebook import silence_sign

SPARK_WIDTH, SPARK_HEIGHT, SPARK_DAYS = 120, 30, 14
SIGNS_SHOWN, REASON_LETTERS = 4, 180
# The most logs not arrived that are shown as a number; more than that cannot be true.
MOST_SAID = 99
# When a hospital stay was not confirmed for this long, the worklist asks whether it goes on.
ASK_STAY_AFTER = timedelta(days=3)
GROUPS = {
    "open": "Waiting for an answer",
    "acked": "Taken",
    "silent": "No log for too long",
    "hospital": "In the hospital",
    "call_back": "Call-back promised",
    "watch": "Watch",
    "snoozed": "Snoozed for now",
    "unread": "A note nobody has read",
    "not_arrived": "Logs that have not arrived",
    "rest": "Nothing waits",
}


@dataclass(frozen=True)
class Row:
    """The words of one line of the worklist."""

    code: UUID
    name: str
    about: str
    group: str
    tier: str
    mark: SafeString
    state: str
    why: str
    next_words: str
    until: int
    alert_code: UUID | None
    pain_words: str
    spark: str


@dataclass(frozen=True)
class Group:
    """The rows of one kind, in order."""

    key: str
    title: str
    rows: list[Row]


def grouped(rows: Iterable[WorkRow], now: datetime, zone: ZoneInfo) -> list[Group]:
    """Return the rows by kind, each in the order of the list."""
    made = [_row_or_less(row, now, zone) for row in rows]
    parts = [(key, title, [row for row in made if row.group == key]) for key, title in GROUPS.items()]
    return [Group(*part) for part in parts if part[2]]


def _row_or_less(row: WorkRow, now: datetime, zone: ZoneInfo) -> Row:
    """Return the row in words; after an error only with its name, tier and button."""
    patient, alert = row.patient, row.alert
    made = Parts("row of patient", patient.pk).one("The row", partial(row_of, row, now, zone))
    if made is not None:
        return made
    tier = row.known.present.mark
    words = "This row cannot be shown. Open the chart."
    code = alert.code if alert and alert.waits_for_a_person else None
    return Row(patient.code, patient.name, "", _group(row), tier, tier_mark(tier), words, "", "", 0, code, "", "")


def row_of(row: WorkRow, now: datetime, zone: ZoneInfo) -> Row:
    """Return all words of one row, without a statement."""
    alert, patient = row.alert, row.patient
    group = _group(row)
    next_words, until = _next(row, now, zone)
    tier = row.known.present.mark
    return Row(
        code=patient.code,
        name=patient.name,
        about=_about(row, now),
        group=group,
        tier=tier,
        mark=tier_mark(tier),
        state=_state(row, group, now, zone),
        why=_why(row, now, zone),
        next_words=next_words,
        until=until,
        alert_code=alert.code if alert and alert.waits_for_a_person else None,
        pain_words=_pain_words(row),
        spark=_spark(row, now),
    )


@cache
def tier_mark(tier: str) -> SafeString:
    """Return a tier's icon, colour and word as HTML, rendered once per process from its one template."""
    label, css, icon = TIERS.get(tier, UNKNOWN_TIER)
    return render_to_string("components/tier.html", {"label": label, "css": css, "icon": icon})


def _group(row: WorkRow) -> str:
    if row.kind == "alert":
        return "acked" if row.alert and row.alert.state == Alert.State.ACKED else "open"
    return row.kind


def _about(row: WorkRow, now: datetime) -> str:
    """Return words such as "age 78, day 3, MRN 1004"."""
    patient, ended = row.patient, row.known.ended_at or now
    day = int((now - ended).total_seconds() // 86400)
    number = f", {patient.mrn}" if patient.mrn else ""
    return f"age {patient.age_on(now.date())}, day {day}{number}"


def _state(row: WorkRow, group: str, now: datetime, zone: ZoneInfo) -> str:
    alert = row.alert
    if alert is None:
        last = row.known.present.last_log_at
        return f"Last log {clock_words(last, now, zone)}" if last else ""
    tries = f"; {calls_without_answer(alert.tries)}" if alert.tries else ""
    if alert.state == Alert.State.ACKED and alert.acked_by and alert.acked_at:
        done = "snoozed" if alert.snoozed_until else "spoke with patient" if alert.contacted_at else "taken"
        return f"{alert.acked_by.name}: {done} {clock_words(alert.acked_at, now, zone)}{tries}"
    waited = for_how_long(now - alert.clock_started_at)
    again = f"; first opened {clock_words(alert.opened_at, now, zone)}" if alert.reopened else ""
    alone = "; nobody of the plan could be reached" if group == "open" and row.known.unreached else ""
    return f"{'Waiting' if group == 'open' else 'Since'} {waited}{again}{tries}{alone}"


def _why(row: WorkRow, now: datetime, zone: ZoneInfo) -> str:
    """Return the reasons in words, then the logs that have not arrived."""
    held = not_arrived_words(sum(one.logs for one in row.known.not_arrived))
    return " ".join(filter(None, (_reasons(row, now, zone), held)))


def not_arrived_words(logs: int) -> str:
    """Return "2 logs from a phone have not arrived."; "" when all have."""
    if not logs:
        return ""
    count = f"{logs} logs" if logs <= MOST_SAID else f"More than {MOST_SAID} logs"
    return "1 log from a phone has not arrived." if logs == 1 else f"{count} from a phone have not arrived."


def _reasons(row: WorkRow, now: datetime, zone: ZoneInfo) -> str:
    """Return the reasons, most urgent first; silence or a hospital stay comes before all others."""
    stay, signs = stay_words(row.known.stay, now) if row.known.stay else "", row.signs
    if row.kind == "unread":
        return "Open the chart and read it"
    if row.kind in ("silent", "hospital"):
        signs = [sign for sign in signs if sign.sign != silence_sign()]
        first, last = stay or _silence_words(row, now), ""
    else:
        signs = sorted(signs, key=lambda sign: sign.tier != row.known.present.tier)
        first, last = "", stay
    reasons = together(_short(reason_words(sign, now, zone)) for sign in signs[:SIGNS_SHOWN])
    more = f"And {len(signs) - SIGNS_SHOWN} more." if len(signs) > SIGNS_SHOWN else ""
    told = " ".join(filter(None, (reasons, more, last)))
    return f"{first}. {told}" if first and told else first or told


def _short(reason: str) -> str:
    """Return as much of a reason as fits a row; the chart has all of it."""
    return Truncator(reason).chars(REASON_LETTERS)


def _silence_words(row: WorkRow, now: datetime) -> str:
    last = row.known.present.last_log_at or row.known.ended_at or now
    return f"No log for {for_how_long(now - last)}"


def stay_words(stay: Stay, now: datetime) -> str:
    """Return words such as "In the hospital for 4 days", with a question when it was not confirmed for long."""
    words = f"In the hospital for {for_how_long(now - stay.since)}"
    if not stay.confirmed:
        return f"{words}, as the patient or a helper says. Please call and confirm"
    return f"{words}. Still there? Please ask" if now - stay.checked_at >= ASK_STAY_AFTER else words


def _next(row: WorkRow, now: datetime, zone: ZoneInfo) -> tuple[str, int]:
    """Return the next step of the alert and the promised call-back, with the time for the countdown."""
    words, until = next_in_words(row.alert, now, zone) if row.alert else ("", 0)
    promised = row.known.call_back
    if promised is None:
        return words, until
    seconds = until or (int(promised.due_at.timestamp()) if promised.due_at > now else 0)
    return ". ".join(filter(None, [words, call_back_words(promised, now, zone)])), seconds


def call_back_words(promised: Promised, now: datetime, zone: ZoneInfo) -> str:
    """Return "Call back by 3:40 PM, promised by Ana Reyes", or that it is late."""
    at = clock_words(promised.due_at, now, zone)
    by = f", promised by {promised.by}" if promised.by else ""
    return f"Call-back of {at} is late{by}" if promised.due_at <= now else f"Call back by {at}{by}"


def next_in_words(alert: Alert, now: datetime, zone: ZoneInfo) -> tuple[str, int]:
    """Return who is told next and when, and the time for the countdown in seconds (0: none)."""
    at = alert.next_step_at
    # An unacknowledged watch item is only in the digest; its escalation plan sends no message.
    if at is None or (alert.tier == Alert.Tier.WATCH and alert.state == Alert.State.OPEN):
        return "", 0
    seconds = int(at.timestamp())
    time = clock_words(at, now, zone)
    if alert.state == Alert.State.ACKED:
        if alert.snoozed_until:
            return f"Snoozed until {time}: {alert.snooze_reason}", 0
        if alert.told_again_at:
            return f"A new log still has the sign. Answer by {time}", seconds
        if at == alert.seen_by:
            return f"To be examined by {time}", seconds
        if at == alert.call_back_by:
            return f"Call back by {time}", seconds
        if at == alert.next_check_at:
            return f"Look again at {time}", seconds
        if alert.contacted_at and not alert.tries:
            return f"Asked again {time}", seconds
        return f"Write down the contact by {time}", seconds
    who = next_move(read_plan(alert.plan, alert.plan_tier), alert.round, alert.step, at).step.audience_words
    if at <= now + timedelta(seconds=1):
        return f"Next: {who}, now", 0
    return f"Next: {who} at {time}", seconds


def _pain_words(row: WorkRow) -> str:
    if not row.pain:
        return ""
    last = row.pain[-1][1]
    return f"Pain {row.pain[0][1]} to {last}" if len(row.pain) > 1 else f"Pain {last}"


def _spark(row: WorkRow, now: datetime) -> str:
    """Return back pain from the first to the last log shown as points of a line; "" with fewer than two."""
    if len(row.pain) < 2:
        return ""
    start = max(row.pain[0][0], now - timedelta(days=SPARK_DAYS))
    span = max((row.pain[-1][0] - start).total_seconds(), 1.0)
    points = []
    for at, pain in row.pain:
        x = max((at - start).total_seconds(), 0) / span * (SPARK_WIDTH - 4) + 2
        points.append(f"{x:.0f},{SPARK_HEIGHT - 3 - pain * (SPARK_HEIGHT - 6) / 10:.0f}")
    return " ".join(points)

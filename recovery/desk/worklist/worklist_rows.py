"""Turn each row of the worklist into plain words, so that the template only places them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from operator import attrgetter
from uuid import UUID
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from alerts.models import Alert, AlertSign
from alerts.policy.plan import next_move, read_plan
from patients.templatetags.kypho import TIERS, UNKNOWN_TIER
from patients.trouble import Parts
from recovery.desk.alert.alert_history import reason_words, together
from recovery.desk.desk_words import calls_without_answer, clock_words, for_how_long
from recovery.desk.worklist.risk_flags import Flag, flags_of
from recovery.desk.worklist.row_pain import Spark, pain_words, spark
from recovery.desk.worklist.worklist_query import WorkRow
from recovery.selectors.patient_status import Promised, Stay
from recovery.triage.rulebook import silence_sign

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
    """The words of one line of the worklist.

    waits: for how long, or who has it. why: the reasons, at: when the first was reported. due_at: when the next
    step comes, in Unix seconds (0: none); due_clock and due_words: the same in words, without a countdown.
    note: what was done so far. silence: "No log for 3 days", for a patient who is silent.
    """

    code: UUID
    name: str
    group: str
    tier: str
    mark: SafeString
    why: str
    about: str = ""
    waits: str = ""
    at: str = ""
    pain: str = ""
    flags: Sequence[Flag] = ()
    spark: Spark | None = None
    due_at: int = 0
    due_clock: str = ""
    due_words: str = ""
    note: str = ""
    silence: str = ""
    alert_code: UUID | None = None
    phone: str = ""
    order: tuple[float, ...] = ()

    @property
    def first(self) -> str:
        """Return the first fact, the loudest words of the row."""
        return self.why.partition(". ")[0] + ("." if ". " in self.why else "")

    @property
    def others(self) -> str:
        """Return all that follows the first fact."""
        return self.why.partition(". ")[2]

    @property
    def brief(self) -> str:
        """Return age and day alone, for a row of one line."""
        return " · ".join(self.about.split(" · ")[:2])


@dataclass(frozen=True)
class Group:
    """The rows of one kind, in order."""

    key: str
    title: str
    rows: list[Row]


def grouped(rows: Iterable[WorkRow], now: datetime, zone: ZoneInfo, staff_id: int = 0) -> list[Group]:
    """Return the rows by kind. Urgent ones: by priority, then time left; silent ones: by day, then by length."""
    made = [_row_or_less(row, now, zone, staff_id) for row in rows]
    parts = [(key, title, [row for row in made if row.group == key]) for key, title in GROUPS.items()]
    return [Group(key, title, sorted(rows, key=attrgetter("order"))) for key, title, rows in parts if rows]


def _row_or_less(row: WorkRow, now: datetime, zone: ZoneInfo, staff_id: int) -> Row:
    """Return the row in words; after an error only with its name, tier and button."""
    patient, alert = row.patient, row.alert
    made = Parts("row of patient", patient.pk).one("The row", partial(row_of, row, now, zone, staff_id))
    if made is not None:
        return made
    tier = row.known.present.mark
    words = "This row cannot be shown. Open the chart."
    code = alert.code if alert and alert.waits_for_a_person else None
    return Row(patient.code, patient.name, _group(row), tier, tier_mark(tier), words, alert_code=code)


def row_of(row: WorkRow, now: datetime, zone: ZoneInfo, staff_id: int = 0) -> Row:
    """Return all words of one row, without a statement. staff_id: who reads it, whose alerts are "yours"."""
    alert, patient, group = row.alert, row.patient, _group(row)
    before, tier = row.record.get("baseline_pain"), row.known.present.mark
    why = _why(row, now, zone)
    due_words, due_clock, due_at = _next(row, now, zone)
    return Row(
        code=patient.code,
        name=patient.name,
        group=group,
        tier=tier,
        mark=tier_mark(tier),
        why=why,
        about=_about(row, now),
        waits=_waits(row, group, now, staff_id),
        at=_seen_at(row, now, zone),
        pain=_pain(row, why, now, zone),
        flags=flags_of(row.record),
        spark=spark(row.pain, before, now),
        due_at=due_at,
        due_clock=due_clock,
        due_words=due_words,
        note=_note(row, group, now, zone),
        silence=_silence_words(row, now) if group == "silent" else "",
        alert_code=alert.code if alert and alert.waits_for_a_person else None,
        phone=str(patient.phone or ""),
        order=_order(row, group, now),
    )


def _order(row: WorkRow, group: str, now: datetime) -> tuple[float, ...]:
    """Return the place within the group; an empty one keeps the order of the list."""
    alert = row.alert
    if group == "silent":
        heard = row.known.present.last_log_at or row.known.ended_at or now
        return (_day(row, now), heard.timestamp())
    if alert is None or row.kind != "alert":
        return ()
    left = max(int((alert.next_step_at - now).total_seconds()), 0) if alert.next_step_at else float("inf")
    return (row.patient.work_rank, left, row.patient.waiting_since.timestamp())


@cache
def tier_mark(tier: str) -> SafeString:
    """Return a tier's icon, colour and word as HTML, rendered once per process from its one template."""
    label, css, icon = TIERS.get(tier, UNKNOWN_TIER)
    return render_to_string("components/tier.html", {"label": label, "css": css, "icon": icon})


def _group(row: WorkRow) -> str:
    if row.kind == "alert":
        return "acked" if row.alert and row.alert.state == Alert.State.ACKED else "open"
    return row.kind


def _day(row: WorkRow, now: datetime) -> int:
    return int((now - (row.known.ended_at or now)).total_seconds() // 86400)


def _about(row: WorkRow, now: datetime) -> str:
    """Return words such as "78, day 3, Cole, 1004": age, day of recovery, surgeon, record number."""
    patient = row.patient
    parts = (f"{patient.age_on(now.date())}", f"day {_day(row, now)}", row.record.get("surgeon"), patient.mrn)
    return " · ".join(part for part in parts if part)


def _waits(row: WorkRow, group: str, now: datetime, staff_id: int) -> str:
    """Return for how long nobody has answered, or who has it."""
    alert = row.alert
    if alert is None:
        return ""
    if alert.state == Alert.State.ACKED and alert.acked_by:
        return "Yours" if alert.acked_by_id == staff_id else f"With {alert.acked_by.name}"
    return f"{'Waiting' if group == 'open' else 'Since'} {for_how_long(now - alert.clock_started_at)}"


def _seen_at(row: WorkRow, now: datetime, zone: ZoneInfo) -> str:
    """Return when the first fact was reported, if today; on another day the fact itself begins with it."""
    if row.kind != "alert":
        return ""
    at = _signs(row)[0].last_seen_at if row.signs else None
    return clock_words(at, now, zone) if at and at.astimezone(zone).date() == now.astimezone(zone).date() else ""


def _note(row: WorkRow, group: str, now: datetime, zone: ZoneInfo) -> str:
    """Return what was done: who took it and when, calls without an answer, or when somebody last spoke."""
    alert, words = row.alert, []
    if alert and alert.state == Alert.State.ACKED and alert.acked_by and alert.acked_at:
        done = "snoozed" if alert.snoozed_until else "spoke with patient" if alert.contacted_at else "taken"
        who = "" if group == "acked" else f"{alert.acked_by.name}: "  # the row says already whose it is
        words.append(f"{who}{done} {clock_words(alert.acked_at, now, zone)}")
    if alert and group == "open" and alert.reopened:
        words.append(f"first opened {clock_words(alert.opened_at, now, zone)}")
    if alert and alert.tries:
        words.append(calls_without_answer(alert.tries))
    if group == "open" and row.known.unreached:
        words.append("nobody of the plan could be reached")
    if not words and row.spoke:
        words.append(f"{row.spoke[1]} spoke {clock_words(row.spoke[0], now, zone)}")
    return "; ".join(words)


def _why(row: WorkRow, now: datetime, zone: ZoneInfo) -> str:
    """Return the reasons in words, then the logs that have not arrived."""
    held = not_arrived_words(sum(one.logs for one in row.known.not_arrived))
    return " ".join(filter(None, (_reasons(row, now, zone), held)))


def _pain(row: WorkRow, why: str, now: datetime, zone: ZoneInfo) -> str:
    """Return pain now, yesterday and before; "" when a reason tells it already."""
    if any(words in why for words in ("ain on moving", "ain at rest", "ack pain")):
        return ""
    return pain_words(row.pain, row.record.get("baseline_pain"), now, zone)


def not_arrived_words(logs: int) -> str:
    """Return "2 logs from a phone have not arrived."; "" when all have."""
    if not logs:
        return ""
    count = f"{logs} logs" if logs <= MOST_SAID else f"More than {MOST_SAID} logs"
    return "1 log from a phone has not arrived." if logs == 1 else f"{count} from a phone have not arrived."


def _reasons(row: WorkRow, now: datetime, zone: ZoneInfo) -> str:
    """Return the reasons, most urgent first; silence or a hospital stay comes before all others."""
    stay, signs = stay_words(row.known.stay, now) if row.known.stay else "", _signs(row)
    if row.kind == "unread":
        return "Open the chart and read it"
    first, last = (stay, "") if row.kind in ("silent", "hospital") else ("", stay)
    reasons = together(_short(reason_words(sign, now, zone)) for sign in signs[:SIGNS_SHOWN])
    more = f"And {len(signs) - SIGNS_SHOWN} more." if len(signs) > SIGNS_SHOWN else ""
    told = " ".join(filter(None, (reasons, more, last)))
    return f"{first}. {told}" if first and told else first or told


def _signs(row: WorkRow) -> list[AlertSign]:
    """Return the signs a row tells, most urgent first; of a silent patient without the silence."""
    if row.kind in ("silent", "hospital"):
        return [sign for sign in row.signs if sign.sign != silence_sign()]
    return sorted(row.signs, key=lambda sign: sign.tier != row.known.present.tier)


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


def _next(row: WorkRow, now: datetime, zone: ZoneInfo) -> tuple[str, str, int]:
    """Return the next step or the promised call-back in words, its time, and the time for the countdown."""
    words, clock, until = _told_next(row.alert, now, zone) if row.alert else ("", "", 0)
    promised = row.known.call_back
    if promised is None:
        return words, clock, until
    return ". ".join(filter(None, [words, call_back_words(promised, now, zone)])), clock, until


def _told_next(alert: Alert, now: datetime, zone: ZoneInfo) -> tuple[str, str, int]:
    """Return ("to all nurses", "9:40 AM", its seconds) of an open alert; else the step with its time in words."""
    words, until = next_in_words(alert, now, zone)
    if alert.state != Alert.State.OPEN or not words:
        return words, "", 0
    who = words.removeprefix("Next: ").rsplit(" at ", 1)[0].removesuffix(", now")
    return f"to {who}", clock_words(alert.next_step_at or now, now, zone) if until else "now", until


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

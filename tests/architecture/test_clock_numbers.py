"""Every number of the escalation and messaging clocks, written out: who changes one changes it here, on purpose.

The numbers come from the plan that clinicians agreed to (docs/states.md, docs/reliability.md) or from what a
provider allows; the last column says which. A constant that is not in the table is an error.
"""

import ast
import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from alerts.one_by_one import Work
from alerts.plan import DEFAULT_PLANS
from alerts.plan_bounds import BOUNDS
from config.celery import app
from config.up import ROOT
from recovery.sweeps import EVERY_WORK

SECONDS, MS, TIMES = "seconds", "milliseconds", "times"


def minutes(count: float) -> timedelta:
    """So that the unit stands beside the number."""
    return timedelta(minutes=count)


def hours(count: float) -> timedelta:
    """The same in hours."""
    return timedelta(hours=count)


def days(count: float) -> timedelta:
    """The same in days."""
    return timedelta(days=count)


def seconds(count: float) -> timedelta:
    """The same in seconds."""
    return timedelta(seconds=count)


# module, name, number, unit (where the number does not say it), why it is this one
TABLE: tuple[tuple[str, str, Any, str, str], ...] = (
    # --- A page ---
    (
        "alerts.escalation",
        "SEND_WITHIN_MINUTES",
        {"call_911": 30, "call_doctor_now": 60, "watch": 1440},
        "minutes",
        "longer than the whole plan takes",
    ),
    ("alerts.plainly", "EVERY_SECONDS", 600, SECONDS, "an alert that cannot be read is told again"),
    ("alerts.services.tries", "TRIES_BEFORE_PHYSICIAN", 2, TIMES, "a patient out of reach twice is a physician's"),
    ("alerts.services.answers", "ACK_TTL_HOURS", 48.0, "hours", "rule book, ack_ttl_h: a contact rests an alert"),
    ("alerts.selectors", "RESOLVED_COUNT_HOURS", 168, "hours", "rule book: a closed sign counts a week"),
    ("alerts.services.runs", "REST_LEAST", hours(4), "", "a snooze over the weekend"),
    ("alerts.models.alert", "SNOOZE_MOST", days(7), "", "nobody sleeps longer than a week"),
    ("alerts.services.telling", "SEND_WITHIN", minutes(30), "", "as a 911 page"),
    ("alerts.services.telling", "HOLDER_ANSWERS_WITHIN", minutes(10), "", "as an acknowledgement of 911"),
    ("alerts.services.shift_end", "SAME_PRESS", minutes(2), "", "a second press of one button"),
    ("alerts.preview", "PLAN_TAKES", hours(9), "", "a shift and an hour, what the page shows"),
    # --- The outbox ---
    ("alerts.outbox", "LEASE_SECONDS", 12, SECONDS, "twice a provider's 5, and room"),
    ("alerts.outbox", "CLAIM_ROWS", 8, "rows", "one round of calls"),
    ("alerts.outbox", "BACKOFF_FIRST_SECONDS", 1, SECONDS, "doubles from here"),
    ("alerts.outbox", "BACKOFF_MOST_SECONDS", (30, 120, 300), SECONDS, "911, doctor now, all else"),
    ("alerts.outbox", "AGAIN_FIRST_SECONDS", 30, SECONDS, "a text that failed on its way"),
    ("alerts.outbox", "EMAIL_INSTEAD_WITHIN", hours(1), "", "when no text reaches a patient"),
    ("alerts.outbox", "URGENCY", {"call_911": 0, "call_doctor_now": 1, "watch": 2}, "", "0 is sent first"),
    ("alerts.dispatch", "AT_ONCE", 8, "calls", "per channel"),
    ("alerts.dispatch", "PATIENCE_SECONDS", 6.0, SECONDS, "one more than a call may take"),
    ("alerts.channels.safe_http", "CALL_SECONDS", 5.0, SECONDS, "a provider's time"),
    ("alerts.channels.twilio", "CALL_SECONDS", 5.0, SECONDS, "a provider's time"),
    ("alerts.channels.twilio", "MOST_WAIT_SECONDS", 3600, SECONDS, "what Retry-After may ask"),
    ("alerts.webpush", "TOKEN_SECONDS", 43200, SECONDS, "RFC 8292 allows 24 hours"),
    ("alerts.webhooks", "SEND_WITHIN", hours(2), "", "for machines"),
    ("alerts.services.deliveries", "SEND_WITHIN", minutes(30), "", "as a 911 page"),
    ("alerts.services.helper_notes", "SEND_WITHIN", hours(2), "", "of no use later"),
    ("alerts.services.oncall_notes", "SEND_WITHIN", hours(8), "", "one shift"),
    ("alerts.services.endpoints", "OLD_SECRET_LASTS", hours(24), "", "both count while a receiver changes"),
    ("alerts.cover", "AHEAD", days(7), "", "a roster's week"),
    ("alerts.cover", "SEND_WITHIN", hours(8), "", "one shift"),
    ("recovery.digest", "SEND_WITHIN", hours(8), "", "a morning"),
    ("alerts.muted", "SEND_WITHIN", hours(24), "", "a working day"),
    # --- Answers by text ---
    ("alerts.services.replies", "MOST_TRIES", 5, TIMES, "wrong codes from one number"),
    ("alerts.services.replies", "TRIES_WITHIN", minutes(15), "", "within which they count"),
    ("alerts.services.replies", "MOST_ANSWERS", 12, TIMES, "two machines do not talk for ever"),
    ("alerts.codes", "DIGITS", 6, "digits", "20 bits"),
    ("alerts.services.contacts", "CODE_LASTS", minutes(15), "", "a new number of a member of the staff"),
    ("alerts.services.contacts", "CODE_TRIES", 5, TIMES, "then ask for a new one"),
    ("alerts.services.contacts", "CODE_PAUSE", minutes(1), "", "between two codes"),
    ("alerts.services.contacts", "CODES_A_DAY", 10, TIMES, "what texts cost"),
    ("alerts.services.contacts", "TEST_LASTS", minutes(5), "", "a test message"),
    # --- The tick ---
    ("alerts.sweep", "BATCH", 200, "rows", "one round"),
    ("alerts.sweep", "BUDGET_SECONDS", 5.0, SECONDS, "the next tick is never far behind"),
    ("alerts.sweep", "LOOK_AGAIN_SECONDS", 0.2, SECONDS, "while a provider thinks"),
    ("alerts.one_by_one", "LONG_SECONDS", 25.0, SECONDS, "a worker's walk"),
    ("alerts.one_by_one", "SHORT_SECONDS", 1.0, SECONDS, "the watchdog's walk"),
    ("alerts.one_by_one", "ASK_SECONDS", 2.0, SECONDS, "a walk that can wait asks whether it is in the way"),
    ("alerts.one_by_one", "LATE_SECONDS", 3, SECONDS, "so late is in the way of nobody: a tick comes every two"),
    ("alerts.one_by_one", "STUCK_SECONDS", 60, SECONDS, "later than that it is a row that cannot be handled"),
    ("alerts.row_limits", "LOCK_SECONDS", 2.0, SECONDS, "one row waits for a lock"),
    ("alerts.row_limits", "STATEMENT_SECONDS", 5.0, SECONDS, "one statement of a row"),
    ("alerts.row_limits", "ROW_SECONDS", 10.0, SECONDS, "one row in all"),
    ("alerts.clock", "STEP_ALLOWED", seconds(5), "", "the database's clock steps back"),
    ("alerts.clock", "HEARD_FOR_SECONDS", 30.0, SECONDS, "how long its word counts"),
    ("alerts.steady", "JUMP_SECONDS", 5.0, SECONDS, "what is a jump"),
    ("alerts.epochs", "WRITE_EVERY_SECONDS", 10.0, SECONDS, "what a restore is known by"),
    ("alerts.epochs", "KEPT_SECONDS", 5.0, SECONDS, "how long an answer counts"),
    ("alerts.live", "TIMEOUT_SECONDS", 0.1, SECONDS, "a publish gives up"),
    ("alerts.live", "REST_SECONDS", 1.0, SECONDS, "and rests"),
    ("alerts.live", "HINT_LASTS_MS", 2000, MS, "one tick"),
    ("alerts.stream", "HEARTBEAT_SECONDS", 15.0, SECONDS, "a proxy hangs up at 60"),
    ("alerts.stream", "LIFETIME_SECONDS", 600.0, SECONDS, "then the browser asks again"),
    ("alerts.stream", "ASK_SECONDS", 5.0, SECONDS, "may this person still look"),
    ("alerts.stream", "RECONNECT_MS", 3000, MS, "a browser comes again"),
    ("alerts.stream", "AGAIN_SECONDS", 1.0, SECONDS, "the bell's line"),
    ("alerts.stream", "AGAIN_MOST_SECONDS", 15.0, SECONDS, "the bell's line"),
    ("alerts.stream", "SAY_EVERY_SECONDS", 60.0, SECONDS, "one line a minute in the log"),
    # --- The watchdog and its promises ---
    ("alerts.watchdog", "TICK_LATE_SECONDS", 3, SECONDS, "it takes over: at most 5"),
    ("alerts.watchdog", "PING_EVERY_SECONDS", 60.0, SECONDS, "the outside monitor's period"),
    ("alerts.watchdog", "PING_TIMEOUT_SECONDS", 5, SECONDS, "and no longer"),
    ("alerts.watchdog", "CONTACTS_EVERY_SECONDS", 60.0, SECONDS, "the list of the second route"),
    ("alerts.watchdog", "STUCK_SECONDS", 40.0, SECONDS, "a round that hangs"),
    ("alerts.watchdog", "WARNINGS_AGAIN_SECONDS", 86400.0, SECONDS, "once a day"),
    ("alerts.teller", "AGAIN_SECONDS", 900.0, SECONDS, "people are told again"),
    ("alerts.teller", "RETRY_SECONDS", 60.0, SECONDS, "when nobody took it"),
    ("alerts.teller", "STEADY_SECONDS", 60.0, SECONDS, "before all is well"),
    ("alerts.second_route", "CALL_SECONDS", 10, SECONDS, "one command"),
    ("alerts.second_route", "ALL_SECONDS", 30, SECONDS, "everybody"),
    ("alerts.promises.base", "OVERDUE_SECONDS", 60, SECONDS, "a due alert or page is late"),
    ("alerts.promises.moving", "NOBODY_TOLD", minutes(5), "", "nothing arrived"),
    ("alerts.promises.messages", "LATE", seconds(60), "", "as OVERDUE_SECONDS"),
    ("alerts.promises.messages", "RECEIPT_WITHIN", minutes(30), "", "a carrier's receipt"),
    ("alerts.promises.messages", "RECEIPT_BACK", days(1), "", "how far it looks back"),
    ("alerts.promises.messages", "OURS_FOR", minutes(30), "", "our own fault is not mended"),
    ("alerts.promises.messages", "OURS_BACK", days(2), "", "how far it looks back"),
    ("alerts.promises.records", "SEALED_WITHIN", hours(2), "", "a record without its seal"),
    ("alerts.promises.records", "LOG_KEPT_WITHIN", minutes(5), "", "what a copy of the records may lack"),
    ("alerts.promises.system", "SILENT_SECONDS", 30, SECONDS, "no complete sweep"),
    ("alerts.promises.system", "WATCHDOG_SILENT", minutes(2), "", "two of its pings"),
    ("alerts.promises.system", "JUMP_SHOWN", minutes(15), "", "a clock that jumped"),
    ("alerts.promises.system", "CANARY_LATE", minutes(5), "", "half its period"),
    ("alerts.promises.system", "ROSTER_AHEAD", hours(24), "", "a hole in the roster"),
    ("alerts.promises.system", "ROSTER_BACK", days(7), "", "the longest shift"),
    ("alerts.seals", "CHECK_SECONDS", 2.0, SECONDS, "one look"),
    ("alerts.seals", "TRIES", 20, TIMES, "for the chain's end"),
    ("alerts.seals", "PAUSE_SECONDS", 0.05, SECONDS, "between them"),
    ("alerts.seals", "NOTE_EVERY", days(1), "", "one note a day"),
    ("alerts.trail_out", "SETTLED", seconds(20), "", "a transaction that began early ends late"),
    ("alerts.trail_out", "SECONDS", 5.0, SECONDS, "one line to the other system"),
    ("alerts.measures", "DAY", days(1), "", "a window of figures"),
    ("alerts.measures", "WEEK", days(7), "", "a window of figures"),
    ("alerts.figures", "CLOSED_SOON", hours(48), "", "rule book, ack_ttl_h"),
    ("alerts.delivery_list", "DEAD_DAYS", 7, "days", "what the page shows"),
    ("alerts.services.shifts", "LONGEST_SHIFT", days(7), "", "a week on call"),
    ("alerts.oncall_forms", "AHEAD_MOST", days(366), "", "a year's roster"),
    ("alerts.week", "DAYS", 7, "days", "a week"),
    # --- Logs, plans, silence, notes ---
    ("recovery.too_many", "MOST", 120, TIMES, "calm logs about one patient; urgent ones without end"),
    ("recovery.too_many", "WITHIN", hours(1), "", "within which they count"),
    ("recovery.phone_counts", "MOST_SEQUENCES", 20, TIMES, "phones of one person about one patient"),
    ("recovery.selectors.arrivals", "STAYS", minutes(10), "", "a log of a phone that has not arrived"),
    ("recovery.selectors.arrivals", "SHOWN_FOR", days(14), "", "how long that is shown"),
    ("recovery.intake", "FUTURE_ALLOWED", minutes(10), "", "a phone's clock ahead"),
    ("recovery.intake", "PAST_ALLOWED", days(30), "", "a phone that was away"),
    ("recovery.intake", "SWEEP_AFTER", seconds(3), "", "a log nobody judged"),
    ("recovery.intake", "SWEEP_BACK", days(3), "", "how far the quick look goes"),
    ("recovery.intake", "PATIENCE", seconds(30), "", "then it is a person's task"),
    ("recovery.models.log", "LATE_AFTER", hours(1), "", "a log that came late"),
    ("recovery.silence", "SEND_WITHIN", hours(12), "", "a note to helpers"),
    ("recovery.milestones", "LOOK_AGAIN", hours(6), "", "a plan is looked at"),
    ("recovery.milestones", "LOOK_SOONEST", minutes(5), "", "and not oftener"),
    ("recovery.milestones", "HORIZON_HOURS", 48, "hours", "notes are rows well before"),
    ("recovery.reminders", "SEND_WITHIN", hours(12), "", "the day it is about"),
    ("recovery.reminders", "TOO_LATE", hours(20), "", "the day it is about"),
    ("recovery.reminders", "ASK_AGAIN", hours(1), "", "later, said the patient"),
    ("recovery.outside", "SEND_WITHIN", hours(24), "", "the clinic's lead"),
    ("recovery.sealed", "OPENED_KEPT", days(30), "", "an envelope that was read"),
    ("recovery.sealed", "GIVEN_KEPT", days(120), "", "one that was not"),
    ("recovery.phone_keys", "LIVES", days(90), "", "a phone's key"),
    ("recovery.standing", "FALL_COUNTS_HOURS", 24, "hours", "rule book: a fall counts a day"),
    ("recovery.promises", "LOOK_BACK", days(3), "", "as the quick look"),
    ("recovery.promises", "JUDGED_WITHIN", seconds(60), "", "as OVERDUE_SECONDS"),
    ("recovery.promises", "PLANNED_WITHIN", minutes(10), "", "a plan that is due"),
    ("recovery.promises", "NOTE_WITHIN", minutes(15), "", "a note that is due"),
    ("recovery.promises", "CALL_BACK_TOLD_WITHIN", minutes(5), "", "a promised call"),
    ("recovery.measures", "DAY", days(1), "", "a window of figures"),
    ("recovery.canary", "FIRST", seconds(60), "", "after the start"),
    ("recovery.canary", "EVERY", minutes(10), "", "a log through the real door"),
    ("recovery.canary", "SOONER", minutes(2), "", "after a miss"),
    ("recovery.canary", "ANSWER_SECONDS", 60.0, SECONDS, "told and answered by then"),
    ("recovery.canary", "KEPT", days(7), "", "its runs"),
    ("recovery.canary", "LOOK_SECONDS", 1.0, SECONDS, "between looks"),
    ("recovery.canary_door", "CALL_SECONDS", 15, SECONDS, "one page"),
    ("recovery.canary_door", "TOTP_PERIOD_SECONDS", 30, SECONDS, "RFC 6238"),
    ("recovery.canary_people", "DAYS_OF_A_RECOVERY", 5, "days", "then a new one"),
    ("recovery.canary_people", "ENDED_BEFORE", days(2), "", "the one before"),
)

PLANS = {
    "call_911": (
        [(0, "nurse_on_call"), (3, "all_nurses"), (3, "physician"), (4, "everyone")],
        {"repeat_minutes": 5, "ack_minutes": 10},
    ),
    "call_doctor_now": (
        [(0, "nurse_on_call"), (10, "all_nurses"), (10, "physician")],
        {"repeat_minutes": 15, "ack_minutes": 30},
    ),
    "watch": ([(0, "all_nurses")], {"repeat_minutes": 1440, "ack_minutes": 4320}),
}
# wait, repeat, ack (minutes, from and to), the last step within (minutes), must it tell everyone
ALLOWED = {
    "call_911": ((1, 10), (2, 10), (3, 15), 15, True),
    "call_doctor_now": ((1, 30), (5, 30), (5, 60), 60, False),
}
# task: every so many seconds, and what waited longer than so many is dropped
BEAT = {
    "tick": (2.0, 10),
    "trail": (5.0, 10),
    "digests": (60.0, 120),
    "old-sessions": (3600.0, None),
    "sweep-unjudged": (15.0, 30),
    "sweep-all-unjudged": (3600.0, None),
    "sealed": (15.0, 30),
    "old-envelopes": (3600.0, None),
    "call-backs": (10.0, 30),
    "reminders": (10.0, 60),
    "seals": (600.0, 600),
    "plans-and-silence": (10.0, 60),
}
# a row that was set aside: the third try after so many seconds, then twice as long each time, up to so many
AGAIN = {"alerts": (2, 60), "messages": (5, 60), "logs": (3, 60), "trail-out": (10, 300)}
AGAIN_ELSE = (15, 900)

CLOCKS = re.compile(
    r"SECONDS|MINUTES|HOURS|(?:^|_)DAYS?(?:_|$)|(?:^|_)WEEK$|_MS$|WITHIN|LASTS|AGAIN|TRIES|PAUSE|BACKOFF|EVERY|KEPT|AHEAD|LATE"
)
NO_CLOCKS = {"views", "simulator", "templatetags", "management", "migrations"}


def _clocks_of(file: Path) -> set[str]:
    """The names at the top of a file that hold a length of time, or how often something is tried."""
    found: set[str] = set()
    for line in ast.parse(file.read_text()).body:
        if not isinstance(line, ast.Assign):
            continue
        for target in line.targets:
            pairs = [(target, line.value)]
            if isinstance(target, ast.Tuple) and isinstance(line.value, ast.Tuple):
                pairs = list(zip(target.elts, line.value.elts, strict=True))
            found |= {ast.unparse(name) for name, value in pairs if _is_clock(ast.unparse(name), value)}
    return found


def _is_clock(name: str, value: ast.expr) -> bool:
    numbers = [
        part for part in ast.walk(value) if isinstance(part, ast.Constant) and type(part.value) in (int, float)
    ]
    if "timedelta(" in ast.unparse(value):
        return True
    return bool(numbers and CLOCKS.search(name) and name.isupper())


@pytest.mark.parametrize(("module", "name", "number"), [row[:3] for row in TABLE])
def test_a_clock_has_the_number_that_was_agreed(module: str, name: str, number: object) -> None:
    assert getattr(import_module(module), name) == number


def test_every_row_says_its_unit_and_why() -> None:
    assert [row for row in TABLE if not row[4] or not (row[3] or isinstance(row[2], timedelta | dict))] == []


def test_every_clock_of_alerts_and_recovery_is_in_the_table() -> None:
    files = [*ROOT.glob("alerts/**/*.py"), *ROOT.glob("recovery/*.py"), *ROOT.glob("recovery/models/*.py")]
    found = {
        (".".join(file.relative_to(ROOT).with_suffix("").parts), name)
        for file in files
        if not NO_CLOCKS & set(file.parts)
        for name in _clocks_of(file)
    }
    assert len(found) > 90
    assert found - {row[:2] for row in TABLE} == set()


@pytest.mark.parametrize("tier", DEFAULT_PLANS)
def test_a_plan_waits_as_was_agreed(tier: str) -> None:
    plan, (steps, times) = DEFAULT_PLANS[tier], PLANS[tier]
    assert [(step.wait_minutes, step.audience) for step in plan.steps] == steps
    assert {"repeat_minutes": plan.repeat_minutes, "ack_minutes": plan.ack_minutes} == times


def test_a_clinic_may_bend_its_plans_so_far_and_no_farther() -> None:
    assert {
        tier: (given.wait, given.repeat, given.ack, given.last_within, given.ends_wide)
        for tier, given in BOUNDS.items()
    } == ALLOWED


def test_the_beat_is_as_quick_as_was_agreed() -> None:
    assert {
        name: (entry["schedule"], entry.get("options", {}).get("expires"))
        for name, entry in app.conf.beat_schedule.items()
    } == BEAT


@pytest.mark.parametrize("work", EVERY_WORK, ids=lambda work: work.name)
def test_what_was_set_aside_is_tried_again_as_soon_as_was_agreed(work: Work) -> None:
    assert work.again_seconds == AGAIN.get(work.name, AGAIN_ELSE)

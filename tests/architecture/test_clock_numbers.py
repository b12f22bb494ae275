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

from alerts.policy.plan import DEFAULT_PLANS
from alerts.policy.plan_bounds import BOUNDS
from alerts.sweeping.one_by_one import Work
from config.celery import app
from ops.up import ROOT
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
        "alerts.lifecycle.escalation",
        "SEND_WITHIN_MINUTES",
        {"call_911": 30, "call_doctor_now": 60, "watch": 1440},
        "minutes",
        "longer than the whole plan takes",
    ),
    ("alerts.lifecycle.fallback_paging", "EVERY_SECONDS", 600, SECONDS, "an unreadable alert is told again"),
    ("alerts.lifecycle.tries", "TRIES_BEFORE_PHYSICIAN", 2, TIMES, "out of reach twice: a physician's"),
    ("alerts.lifecycle.answers", "ACK_TTL_HOURS", 48.0, "hours", "rule book, ack_ttl_h: a contact rests an alert"),
    ("alerts.lifecycle.selectors", "RESOLVED_COUNT_HOURS", 168, "hours", "rule book: a closed sign counts a week"),
    ("alerts.lifecycle.clock_runs", "REST_LEAST", hours(4), "", "a snooze over the weekend"),
    ("alerts.models.alert", "SNOOZE_MOST", days(7), "", "nobody sleeps longer than a week"),
    ("alerts.lifecycle.tell_colleague", "SEND_WITHIN", minutes(30), "", "as a 911 page"),
    ("alerts.lifecycle.tell_colleague", "HOLDER_ANSWERS_WITHIN", minutes(10), "", "as an acknowledgement of 911"),
    ("alerts.lifecycle.shift_end", "SAME_PRESS", minutes(2), "", "a second press of one button"),
    ("alerts.oncall.preview", "PLAN_TAKES", hours(9), "", "a shift and an hour, what the page shows"),
    # --- The outbox ---
    ("alerts.messaging.outbox", "LEASE_SECONDS", 12, SECONDS, "twice a provider's 5, and room"),
    ("alerts.messaging.outbox", "CLAIM_ROWS", 8, "rows", "one round of calls"),
    ("alerts.messaging.outbox", "BACKOFF_FIRST_SECONDS", 1, SECONDS, "doubles from here"),
    ("alerts.messaging.outbox", "BACKOFF_MOST_SECONDS", (30, 120, 300), SECONDS, "911, doctor now, all else"),
    ("alerts.messaging.outbox", "AGAIN_FIRST_SECONDS", 30, SECONDS, "a text that failed on its way"),
    ("alerts.messaging.outbox", "EMAIL_INSTEAD_WITHIN", hours(1), "", "when no text reaches a patient"),
    ("alerts.messaging.outbox", "URGENCY", {"call_911": 0, "call_doctor_now": 1, "watch": 2}, "", "0 is first"),
    ("alerts.messaging.dispatch", "AT_ONCE", 8, "calls", "per channel"),
    ("alerts.messaging.dispatch", "PATIENCE_SECONDS", 6.0, SECONDS, "one more than a call may take"),
    ("config.settings", "SEND_SECONDS", 5, SECONDS, "a provider's time, for all of one call"),
    ("alerts.messaging.channels.twilio", "MOST_WAIT_SECONDS", 3600, SECONDS, "what Retry-After may ask"),
    ("alerts.messaging.webpush", "TOKEN_SECONDS", 43200, SECONDS, "RFC 8292 allows 24 hours"),
    ("alerts.messaging.webhooks", "SEND_WITHIN", hours(2), "", "for machines"),
    ("recovery.long_work", "TELL_AFTER", seconds(60), "", "whoever waited less still looks at the page"),
    ("recovery.long_work", "SEND_WITHIN", hours(8), "", "a shift, as news about on call"),
    ("alerts.lifecycle.resending", "SEND_WITHIN", minutes(30), "", "as a 911 page"),
    ("alerts.messaging.helper_notes", "SEND_WITHIN", hours(2), "", "of no use later"),
    ("alerts.oncall.notices", "SEND_WITHIN", hours(8), "", "one shift"),
    ("alerts.messaging.endpoints", "OLD_SECRET_LASTS", hours(24), "", "both count while a receiver changes"),
    ("alerts.oncall.staffing", "AHEAD", days(7), "", "a roster's week"),
    ("alerts.oncall.staffing", "SEND_WITHIN", hours(8), "", "one shift"),
    ("recovery.journey.digest", "SEND_WITHIN", hours(8), "", "a morning"),
    ("alerts.messaging.unreachable_staff", "SEND_WITHIN", hours(24), "", "a working day"),
    # --- Answers by text ---
    ("alerts.lifecycle.sms_replies", "MOST_TRIES", 5, TIMES, "wrong codes from one number"),
    ("alerts.lifecycle.sms_replies", "TRIES_WITHIN", minutes(15), "", "within which they count"),
    ("alerts.lifecycle.sms_replies", "MOST_ANSWERS", 12, TIMES, "two machines do not talk for ever"),
    # --- Automatic calls ---
    ("alerts.lifecycle.staff_calls", "ANSWERED_WITHIN", hours(2), "", "longer than any call lasts"),
    ("alerts.messaging.channels.voice", "RINGS_FOR", seconds(40), "", "for somebody who walks slowly"),
    ("recovery.logs.calls", "ANSWERED_WITHIN", hours(2), "", "a call is long over"),
    ("alerts.views.spoken_answers", "WAIT_SECONDS", 10, SECONDS, "for a key after the last word"),
    ("recovery.state.silence", "UNANSWERED", 2, "calls", "no answer twice is silence"),
    ("alerts.messaging.codes", "DIGITS", 6, "digits", "20 bits"),
    ("alerts.messaging.contact_methods", "CODE_LASTS", minutes(15), "", "a new number of a member of the staff"),
    ("alerts.messaging.contact_methods", "CODE_TRIES", 5, TIMES, "then ask for a new one"),
    ("alerts.messaging.contact_methods", "CODE_PAUSE", minutes(1), "", "between two codes"),
    ("alerts.messaging.contact_methods", "CODES_A_DAY", 10, TIMES, "what texts cost"),
    ("alerts.messaging.contact_methods", "TEST_LASTS", minutes(5), "", "a test message"),
    # --- The tick ---
    ("alerts.monitoring.sweep", "BATCH", 200, "rows", "one round"),
    ("alerts.monitoring.sweep", "BUDGET_SECONDS", 5.0, SECONDS, "the next tick is never far behind"),
    ("alerts.monitoring.sweep", "LOOK_AGAIN_SECONDS", 0.2, SECONDS, "while a provider thinks"),
    ("alerts.sweeping.one_by_one", "LONG_SECONDS", 25.0, SECONDS, "a worker's walk"),
    ("alerts.sweeping.one_by_one", "SHORT_SECONDS", 1.0, SECONDS, "the watchdog's walk"),
    ("alerts.sweeping.one_by_one", "ASK_SECONDS", 2.0, SECONDS, "it asks whether it is in the way"),
    ("alerts.sweeping.one_by_one", "LATE_SECONDS", 3, SECONDS, "a tick comes every two"),
    ("alerts.sweeping.one_by_one", "STUCK_SECONDS", 60, SECONDS, "later: a row that cannot be handled"),
    ("alerts.sweeping.row_limits", "LOCK_SECONDS", 2.0, SECONDS, "one row waits for a lock"),
    ("alerts.sweeping.row_limits", "STATEMENT_SECONDS", 5.0, SECONDS, "one statement of a row"),
    ("alerts.sweeping.row_limits", "ROW_SECONDS", 10.0, SECONDS, "one row in all"),
    ("alerts.clock", "STEP_ALLOWED", seconds(5), "", "the database's clock steps back"),
    ("alerts.clock", "HEARD_FOR_SECONDS", 30.0, SECONDS, "how long its word counts"),
    ("alerts.monitoring.clock_jump", "JUMP_SECONDS", 5.0, SECONDS, "what is a jump"),
    ("alerts.integrity.epochs", "WRITE_EVERY_SECONDS", 10.0, SECONDS, "what a restore is known by"),
    ("alerts.integrity.epochs", "KEPT_SECONDS", 5.0, SECONDS, "how long an answer counts"),
    ("alerts.screens.live", "TIMEOUT_SECONDS", 0.1, SECONDS, "a publish gives up"),
    ("alerts.screens.live", "REST_SECONDS", 1.0, SECONDS, "and rests"),
    ("alerts.screens.live", "HINT_LASTS_MS", 2000, MS, "one tick"),
    ("alerts.screens.stream", "HEARTBEAT_SECONDS", 15.0, SECONDS, "a proxy hangs up at 60"),
    ("alerts.screens.stream", "LIFETIME_SECONDS", 600.0, SECONDS, "then the browser asks again"),
    ("alerts.screens.stream", "ASK_SECONDS", 5.0, SECONDS, "may this person still look"),
    ("alerts.screens.stream", "RECONNECT_MS", 3000, MS, "a browser comes again"),
    ("alerts.screens.stream", "AGAIN_SECONDS", 1.0, SECONDS, "the bell's line"),
    ("alerts.screens.stream", "AGAIN_MOST_SECONDS", 15.0, SECONDS, "the bell's line"),
    ("alerts.screens.stream", "SAY_EVERY_SECONDS", 60.0, SECONDS, "one line a minute in the log"),
    # --- The watchdog and its promises ---
    ("alerts.monitoring.watchdog", "TICK_LATE_SECONDS", 3, SECONDS, "it takes over: at most 5"),
    ("alerts.monitoring.watchdog", "PING_EVERY_SECONDS", 60.0, SECONDS, "the outside monitor's period"),
    ("alerts.monitoring.watchdog", "PING_TIMEOUT_SECONDS", 5, SECONDS, "and no longer"),
    ("alerts.monitoring.watchdog", "CONTACTS_EVERY_SECONDS", 60.0, SECONDS, "the list of the second route"),
    ("alerts.monitoring.watchdog", "STUCK_SECONDS", 40.0, SECONDS, "a round that hangs"),
    ("alerts.monitoring.watchdog", "SLOW_LOOKS", 10, TIMES, "a slow machine is no silent worker"),
    ("alerts.monitoring.watchdog", "SLOW_MOST_SECONDS", 120.0, SECONDS, "but after that it is"),
    ("alerts.monitoring.watchdog", "WARNINGS_AGAIN_SECONDS", 86400.0, SECONDS, "once a day"),
    ("alerts.monitoring.notify_policy", "AGAIN_SECONDS", 900.0, SECONDS, "people are told again"),
    ("alerts.monitoring.notify_policy", "RETRY_SECONDS", 60.0, SECONDS, "when nobody took it"),
    ("alerts.monitoring.notify_policy", "STEADY_SECONDS", 60.0, SECONDS, "before all is well"),
    ("alerts.monitoring.second_route", "CALL_SECONDS", 10, SECONDS, "one command"),
    ("alerts.monitoring.second_route", "ALL_SECONDS", 30, SECONDS, "everybody"),
    ("alerts.monitoring.promises.base", "OVERDUE_SECONDS", 60, SECONDS, "a due alert or page is late"),
    ("alerts.monitoring.promises.moving", "NOBODY_TOLD", minutes(5), "", "nothing arrived"),
    ("alerts.monitoring.promises.messages", "LATE", seconds(60), "", "as OVERDUE_SECONDS"),
    ("alerts.monitoring.promises.messages", "RECEIPT_WITHIN", minutes(30), "", "a carrier's receipt"),
    ("alerts.monitoring.promises.messages", "RECEIPT_BACK", days(1), "", "how far it looks back"),
    ("alerts.monitoring.promises.messages", "OURS_FOR", minutes(30), "", "our own fault is not mended"),
    ("alerts.monitoring.promises.messages", "OURS_BACK", days(2), "", "how far it looks back"),
    ("alerts.monitoring.promises.records", "SEALED_WITHIN", hours(2), "", "a record without its seal"),
    ("alerts.monitoring.promises.records", "LOG_KEPT_WITHIN", minutes(5), "", "what a copy may lack"),
    ("alerts.monitoring.promises.system", "SILENT_SECONDS", 30, SECONDS, "no complete sweep"),
    ("alerts.monitoring.promises.system", "WATCHDOG_SILENT", minutes(2), "", "two of its pings"),
    ("alerts.monitoring.promises.system", "JUMP_SHOWN", minutes(15), "", "a clock that jumped"),
    ("alerts.monitoring.promises.system", "CANARY_LATE", minutes(5), "", "half its period"),
    ("alerts.monitoring.promises.system", "ROSTER_AHEAD", hours(24), "", "a hole in the roster"),
    ("alerts.monitoring.promises.system", "ROSTER_BACK", days(7), "", "the longest shift"),
    ("alerts.integrity.seals", "CHECK_SECONDS", 2.0, SECONDS, "one look"),
    ("alerts.integrity.seals", "TRIES", 20, TIMES, "for the chain's end"),
    ("alerts.integrity.seals", "PAUSE_SECONDS", 0.05, SECONDS, "between them"),
    ("alerts.integrity.seals", "NOTE_EVERY", days(1), "", "one note a day"),
    ("alerts.monitoring.trail_out", "SETTLED", seconds(20), "", "a transaction that began early ends late"),
    ("alerts.monitoring.trail_out", "SECONDS", 5.0, SECONDS, "one line to the other system"),
    ("alerts.monitoring.measures", "DAY", days(1), "", "a window of figures"),
    ("alerts.monitoring.measures", "WEEK", days(7), "", "a window of figures"),
    ("alerts.monitoring.figures", "CLOSED_SOON", hours(48), "", "rule book, ack_ttl_h"),
    ("alerts.messaging.delivery_list", "DEAD_DAYS", 7, "days", "what the page shows"),
    ("alerts.oncall.shifts", "LONGEST_SHIFT", days(7), "", "a week on call"),
    ("alerts.oncall.forms", "AHEAD_MOST", days(366), "", "a year's roster"),
    ("alerts.oncall.week", "DAYS", 7, "days", "a week"),
    # --- Logs, plans, silence, notes ---
    ("recovery.logs.check", "MOST", 120, TIMES, "calm logs about one patient; urgent ones without end"),
    ("recovery.logs.read", "LATELY", hours(1), "", "within which they count"),
    ("recovery.state.phone_counts", "MOST_SEQUENCES", 20, TIMES, "phones of one person about one patient"),
    ("recovery.selectors.arrivals", "STAYS", minutes(10), "", "a log of a phone that has not arrived"),
    ("recovery.selectors.arrivals", "SHOWN_FOR", days(14), "", "how long that is shown"),
    ("recovery.logs.read", "FUTURE_ALLOWED", minutes(10), "", "a phone's clock ahead"),
    ("recovery.logs.read", "PAST_ALLOWED", days(30), "", "a phone that was away"),
    ("recovery.logs.unjudged", "SWEEP_AFTER", seconds(3), "", "a log nobody judged"),
    ("recovery.logs.unjudged", "SWEEP_BACK", days(3), "", "how far the quick look goes"),
    ("recovery.logs.unjudged", "PATIENCE", seconds(30), "", "then it is a person's task"),
    ("recovery.models.log", "LATE_AFTER", hours(1), "", "a log that came late"),
    ("recovery.state.silence", "SEND_WITHIN", hours(12), "", "a note to helpers"),
    ("recovery.care_plan.refresh", "LOOK_AGAIN", hours(6), "", "a plan is looked at"),
    ("recovery.care_plan.refresh", "LOOK_SOONEST", minutes(5), "", "and not oftener"),
    ("recovery.care_plan.refresh", "HORIZON_HOURS", 48, "hours", "notes are rows well before"),
    ("recovery.care_plan.sending", "SEND_WITHIN", hours(12), "", "the day it is about"),
    ("recovery.care_plan.sending", "TOO_LATE", hours(20), "", "the day it is about"),
    ("recovery.care_plan.sending", "ASK_AGAIN", hours(1), "", "later, said the patient"),
    ("recovery.settings.outside_bounds", "SEND_WITHIN", hours(24), "", "the clinic's lead"),
    ("recovery.logs.sealed", "OPENED_KEPT", days(30), "", "an envelope that was read"),
    ("recovery.logs.sealed", "GIVEN_KEPT", days(120), "", "one that was not"),
    ("recovery.logs.phone_keys", "LIVES", days(90), "", "a phone's key"),
    ("recovery.state.current_state", "FALL_COUNTS_HOURS", 24, "hours", "rule book: a fall counts a day"),
    ("recovery.promises", "LOOK_BACK", days(3), "", "as the quick look"),
    ("recovery.promises", "JUDGED_WITHIN", seconds(60), "", "as OVERDUE_SECONDS"),
    ("recovery.promises", "PLANNED_WITHIN", minutes(10), "", "a plan that is due"),
    ("recovery.promises", "NOTE_WITHIN", minutes(15), "", "a note that is due"),
    ("recovery.promises", "CALL_BACK_TOLD_WITHIN", minutes(5), "", "a promised call"),
    ("recovery.desk.figures.figures_query", "TREND", days(84), "", "a window of figures"),
    ("recovery.measures", "DAY", days(1), "", "a window of figures"),
    ("recovery.canary.rounds", "FIRST", seconds(60), "", "after the start"),
    ("recovery.canary.rounds", "EVERY", minutes(10), "", "a log through the real door"),
    ("recovery.canary.rounds", "SOONER", minutes(2), "", "after a miss"),
    ("recovery.canary.rounds", "ANSWER_SECONDS", 60.0, SECONDS, "told and answered by then"),
    ("recovery.canary.rounds", "KEPT", days(7), "", "its runs"),
    ("recovery.canary.rounds", "LOOK_SECONDS", 1.0, SECONDS, "between looks"),
    ("recovery.canary.door", "CALL_SECONDS", 15, SECONDS, "one page"),
    ("recovery.canary.door", "TOTP_PERIOD_SECONDS", 30, SECONDS, "RFC 6238"),
    ("recovery.canary.people", "DAYS_OF_A_RECOVERY", 5, "days", "then a new one"),
    ("recovery.canary.people", "ENDED_BEFORE", days(2), "", "the one before"),
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
    "travels": (60.0, 120),
    "turns": (30.0, 60),
    "reminders": (10.0, 60),
    "seals": (600.0, 600),
    "plans-and-silence": (10.0, 60),
    "long-work": (2.0, 10),
    "old-sheets": (3600.0, None),
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

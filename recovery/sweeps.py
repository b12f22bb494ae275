"""The list of all sweeps, in the order people read it. A new sweep is one line here.

Tests use this list: a row that fails in one sweep must not stop the others (tests/recovery/test_every_sweep.py).
"""

from alerts.integrity.seals import OLD_SEALS, SEALING
from alerts.lifecycle.escalation import ALERTS
from alerts.messaging.dispatch import MESSAGES
from alerts.monitoring.trail_out import OUT
from alerts.sweeping.one_by_one import Work
from recovery.care_plan.refresh import PLANS
from recovery.care_plan.sending import NOTES
from recovery.journey.call_backs import CALL_BACKS
from recovery.journey.digest import MORNINGS, NEXT_MORNINGS
from recovery.journey.travels import TRAVELS
from recovery.journey.turns import TURNS
from recovery.logs.sealed import SWEEP as SEALED
from recovery.logs.unjudged import LOGS
from recovery.long_work import JOBS

EVERY_WORK: tuple[Work, ...] = (
    LOGS,
    SEALED,
    ALERTS,
    CALL_BACKS,
    MESSAGES,
    TRAVELS,
    TURNS,
    PLANS,
    NOTES,
    JOBS,
    MORNINGS,
    NEXT_MORNINGS,
    SEALING,
    OLD_SEALS,
    OUT,
)

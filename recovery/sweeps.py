"""Every kind of work that falls due, in the order people read it. A new sweep is one line here.

Tests walk this list: each kind has a poisoned row that stops no other (tests/recovery/test_every_sweep.py).
"""

from alerts.dispatch import MESSAGES
from alerts.escalation import ALERTS
from alerts.one_by_one import Work
from alerts.seals import OLD_SEALS, SEALING
from alerts.trail_out import OUT
from recovery.call_backs import CALL_BACKS
from recovery.digest import MORNINGS, NEXT_MORNINGS
from recovery.intake import LOGS
from recovery.milestones import PLANS
from recovery.reminders import NOTES
from recovery.sealed import SWEEP as SEALED

EVERY_WORK: tuple[Work, ...] = (
    LOGS,
    SEALED,
    ALERTS,
    CALL_BACKS,
    MESSAGES,
    PLANS,
    NOTES,
    MORNINGS,
    NEXT_MORNINGS,
    SEALING,
    OLD_SEALS,
    OUT,
)

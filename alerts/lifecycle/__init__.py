"""All actions on an alert. Each changes the alert, its signs and its events in one transaction."""

from alerts.lifecycle.answers import AckResult, acknowledge, record_contact
from alerts.lifecycle.clearing import clear_watch_signs
from alerts.lifecycle.clock_runs import restart
from alerts.lifecycle.closing import hand_over, resolve
from alerts.lifecycle.patient_status import refresh_status
from alerts.lifecycle.raising import SignInput, raise_alert
from alerts.lifecycle.snoozing import snooze
from alerts.lifecycle.tries import record_try
from alerts.messaging.helper_notes import write_helper_notes
from alerts.models.refusals import AlertError
from alerts.policy.policies import create_default_policies, plan_for, save_plan

__all__ = [
    "AckResult",
    "AlertError",
    "SignInput",
    "acknowledge",
    "clear_watch_signs",
    "create_default_policies",
    "hand_over",
    "plan_for",
    "raise_alert",
    "record_contact",
    "record_try",
    "refresh_status",
    "resolve",
    "restart",
    "save_plan",
    "snooze",
    "write_helper_notes",
]

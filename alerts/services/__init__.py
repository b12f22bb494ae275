"""Everything that may happen to an alert. Each changes alert, signs and events in one transaction."""

from alerts.services.answers import AckResult, acknowledge, record_contact
from alerts.services.clearing import clear_watch_signs
from alerts.services.closing import hand_over, resolve
from alerts.services.errors import AlertError
from alerts.services.helper_notes import write_helper_notes
from alerts.services.policies import create_default_policies, plan_for, save_plan
from alerts.services.raising import SignInput, raise_alert
from alerts.services.runs import restart
from alerts.services.snoozing import snooze
from alerts.services.status import refresh_status
from alerts.services.tries import record_try

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

"""Tell helpers about an urgent alert: at once, and again when staff did not reach the patient in time."""

from datetime import datetime

from alerts import lifecycle as alert_services
from patients.models import Caregiver
from patients.selectors import people
from patients.selectors.reach import of_helpers
from patients.tiers import URGENT
from recovery.models import Assessment, DailyLog
from recovery.selectors.today import fallback_minutes
from recovery.settings.clinic_config import config_for


def tell_helpers(log: DailyLog, assessment: Assessment, now: datetime) -> None:
    """Write the notes to helpers, once each time the alert's clock starts.

    The clock starts when the alert opens, becomes more urgent, or reopens for something new. The helper who sent
    the log already sees the advice, so they get only the later note. Consent and rights are checked again when a
    note is sent. A patient without helpers costs one statement.
    """
    alert = assessment.alert
    if alert is None or alert.tier not in URGENT or alert.clock_started_at != now:
        return
    helpers = people.helpers_to_tell(log.patient_id, now)
    if not helpers:
        return
    others = [helper for helper in helpers if helper.user_id != log.entered_by_id]
    alert_services.write_helper_notes(
        alert,
        now=now,
        at_once=_addresses(others),
        unanswered=_addresses(helpers),
        minutes=fallback_minutes(assessment, config_for(alert.clinic_id, now)),
    )


def _addresses(helpers: list[Caregiver]) -> list[tuple[str, str]]:
    """Return (recipient, channel) for every way of every helper: an urgent note uses them all."""
    return [
        (f"caregiver:{helper.pk}{device}", channel)
        for helper, reach in of_helpers(helpers)
        for channel, device in reach.for_urgent
    ]

"""Helpers who may be told hear of an urgent alert: at once, and again when nobody was in touch in time."""

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
    """Once per run of the alert's clock: when it opens, becomes more urgent, or opens again for something new.

    Whoever sent the log has its advice before them: they hear only if nobody answers. One statement where nobody
    helps. Agreement and rights are asked again at the moment of sending.
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
    """Every way each of them can be reached: it is urgent."""
    return [(f"caregiver:{helper.pk}", channel) for helper, way in of_helpers(helpers) for channel in way.every]

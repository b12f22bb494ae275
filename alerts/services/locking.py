"""Reach one alert of a clinic with the patient's and the alert's row held, in that order."""

from typing import Any

from alerts.models import Alert
from alerts.services.errors import AlertError
from patients.models import Staff
from patients.status import lock

NOT_FOUND = "This alert is not one of your clinic's."


def locked_alert(staff: Staff, **which: Any) -> Alert:
    """The alert, fresh, with patient and acknowledger loaded. Call in a transaction; AlertError for strangers."""
    patient_id = (
        Alert.objects.filter(clinic_id=staff.clinic_id, **which).values_list("patient_id", flat=True).first()
    )
    if patient_id is None or not staff.active:
        raise AlertError(NOT_FOUND)
    lock(patient_id)
    rows = Alert.objects.select_related("patient", "acked_by__user", "resolved_by__user")
    return rows.select_for_update(no_key=True, of=("self",)).get(**which)

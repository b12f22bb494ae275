"""Reach one alert of a clinic with the rows of who acts, of the patient and of the alert held, in that order."""

from typing import Any

from alerts.models import Alert
from alerts.models.refusals import AlertError
from alerts.oncall.roster import works
from patients.models import Staff
from patients.status import lock

NOT_FOUND = "This alert is not one of your clinic's."
NO_ACCESS = "You have no access to this clinic any more."


def hold(*people: Staff) -> set[int]:
    """Hold the rows of these colleagues, by number, until the transaction ends; which of them still work here.

    Whoever stops somebody's access holds that row too: it happens before this, or finds what this did.
    """
    rows = Staff.objects.filter(pk__in={person.pk for person in people}).select_related("user").order_by("pk")
    return {person.pk for person in rows.select_for_update(no_key=True, of=("self",)) if works(person)}


def locked_alert(staff: Staff, **which: Any) -> Alert:
    """The alert, fresh, with patient and acknowledger loaded. Call in a transaction; AlertError for strangers."""
    if staff.pk not in hold(staff):
        raise AlertError(NO_ACCESS)
    patient_id = (
        Alert.objects.filter(clinic_id=staff.clinic_id, **which).values_list("patient_id", flat=True).first()
    )
    if patient_id is None:
        raise AlertError(NOT_FOUND)
    lock(patient_id)
    rows = Alert.objects.select_related("patient__clinic", "acked_by__user", "resolved_by__user")
    return rows.select_for_update(no_key=True, of=("self",)).get(**which)

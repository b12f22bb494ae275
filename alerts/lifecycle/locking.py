"""Lock the rows that an action on an alert needs, always in this order: staff, patient, alert."""

from typing import Any

from alerts.models import Alert
from alerts.models.refusals import AlertError
from alerts.oncall.roster import works
from patients.models import Staff
from patients.status import lock

NOT_FOUND = "This alert is not one of your clinic's."
NO_ACCESS = "You have no access to this clinic any more."


def hold(*people: Staff) -> set[int]:
    """Lock the rows of these colleagues, in order of id. Returns the ids of those who still work at the clinic.

    Stopping a colleague's access locks the same row: it has either happened before, or it waits until this
    transaction ends and then sees what it did.
    """
    rows = Staff.objects.filter(pk__in={person.pk for person in people}).select_related("user").order_by("pk")
    return {person.pk for person in rows.select_for_update(no_key=True, of=("self",)) if works(person)}


def locked_alert(staff: Staff, **which: Any) -> Alert:
    """The alert, locked and freshly read, with its patient and the person who has it. Call in a transaction.

    AlertError: the alert is not one of this person's clinic, or the person no longer works there.
    """
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

"""Which browser of which person a push note is for: staff:5:12, patient:9:12, caregiver:7:12."""

from django.db.models import Q, QuerySet

from patients.models import ContactMethod


def read_device(recipient: str) -> tuple[str, int, int]:
    """Return ("patient", 9, 12) for the browser patient:9:12, and ("", 0, 0) for anything else."""
    kind, *numbers = recipient.split(":")
    if len(numbers) != 2 or not all(number.isdigit() for number in numbers):
        return "", 0, 0
    return kind, int(numbers[0]), int(numbers[1])


def devices_named(recipient: str) -> QuerySet[ContactMethod]:
    """Return the browser a recipient names, as a queryset; empty when it is not that person's."""
    kind, whose, device = read_device(recipient)
    owners = {
        "staff": Q(user__staff_roles=whose),
        "patient": Q(user__patient=whose),
        "caregiver": Q(user__caring_for=whose),
    }
    rows = ContactMethod.objects.filter(pk=device, kind=ContactMethod.Kind.PUSH)
    return rows.filter(owners[kind]) if kind in owners else rows.none()

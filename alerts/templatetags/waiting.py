"""The mark of what waits, for the head of every page of the desk."""

from django import template

from alerts.screens.waiting import Waiting, waiting_of
from patients.models import Staff

register = template.Library()


@register.inclusion_tag("components/waiting.html")
def waiting_mark(staff: Staff) -> dict[str, Waiting]:
    """The present mark of what waits at this person's clinic."""
    return {"waiting": waiting_of(staff.clinic_id)}

"""Forms that are sent twice or too late: a repeat counts as one press, an outdated form is refused."""

from dataclasses import dataclass
from typing import Any

from alerts.models import Alert, AlertEvent
from alerts.models.refusals import AlertError
from patients.models import Staff

# Events that make an open form outdated. Those from people count only when a colleague caused them; an
# acknowledgement that runs out is not among them.
FROM_PEOPLE = ("acknowledged", "contacted", "evaluated", "not_reached", "handed_over", "snoozed", "resolved")
FROM_LOGS = ("worse", "upgraded", "reopened", "still_there", "sign_gone")
OVERTAKEN = "Something happened while this form was open. Please look, and press again if it still holds."


@dataclass(frozen=True)
class Press:
    """once: the form's own id. seen: the newest event when the page was made; None turns the check off.

    minutes: how long the person worked on it, 1 to 240, if they wrote it down.
    """

    once: str = ""
    seen: int | None = None
    minutes: int | None = None

    @property
    def detail(self) -> dict[str, Any]:
        """The part of the press that the event stores: its id, and the minutes."""
        known = {"once": self.once, "minutes": self.minutes}
        return {name: value for name, value in known.items() if value}


NO_FORM = Press()


class Overtaken(AlertError):
    """A colleague acted or a new log came while the form was open. event: the newest such event."""

    def __init__(self, event: AlertEvent) -> None:
        super().__init__(OVERTAKEN)
        self.event = event


def pressed_before(alert: Alert, staff: Staff, what: str, note: str, press: Press) -> bool:
    """Is this press recorded already? Raises Overtaken when the form is outdated. Call with the alert locked."""
    events = AlertEvent.objects.filter(alert=alert).order_by("-pk")
    if press.once and events.filter(staff=staff, what=what, note=note, detail__once=press.once).exists():
        return True
    if press.seen is None:
        return False
    since = events.filter(pk__gt=press.seen).select_related("staff__user")
    news = next((event for event in since if _is_news(event, staff)), None)
    if news:
        raise Overtaken(news)
    return False


def _is_news(event: AlertEvent, staff: Staff) -> bool:
    return event.what in FROM_LOGS or (event.what in FROM_PEOPLE and event.staff_id != staff.pk)

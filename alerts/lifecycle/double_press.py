"""One press of a button: the same form sent twice is one press, and a form behind the times is told so."""

from dataclasses import dataclass

from alerts.models import Alert, AlertEvent
from alerts.models.refusals import AlertError
from patients.models import Staff

# What somebody has to know before she writes on. Her own time running out is no news to her.
FROM_PEOPLE = ("acknowledged", "contacted", "evaluated", "not_reached", "handed_over", "snoozed", "resolved")
FROM_LOGS = ("worse", "upgraded", "reopened", "still_there", "sign_gone")
OVERTAKEN = "Something happened while this form was open. Please look, and press again if it still holds."


@dataclass(frozen=True)
class Press:
    """once: the form's own id. seen: the newest event it knew; None when it knows of none and asks nothing."""

    once: str = ""
    seen: int | None = None

    @property
    def detail(self) -> dict[str, str]:
        """What the event keeps of it."""
        return {"once": self.once} if self.once else {}


NO_FORM = Press()


class Overtaken(AlertError):
    """Somebody else, or a new log, was faster. event: the newest of what happened."""

    def __init__(self, event: AlertEvent) -> None:
        super().__init__(OVERTAKEN)
        self.event = event


def pressed_before(alert: Alert, staff: Staff, what: str, note: str, press: Press) -> bool:
    """Is this very press written down already? Overtaken when the form is behind. Call with the alert locked."""
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

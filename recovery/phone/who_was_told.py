"""Who has been told about an alert and what staff did about it, as patients and helpers see it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from alerts.models import Alert
from patients.models import Staff
from patients.permissions import ROLE_WORDS, Who
from recovery.selectors.today import AlertView, TodayPage

CARE_TEAM, CARE_TEAM_OF_ANOTHER = _("your care team"), _("the care team")
# The states in which staff have not reached the patient yet.
WAITING = ("telling", "sent", "delivered", "seen", "not_reached")


@dataclass(frozen=True)
class Told:
    """What the page says about one alert.

    state: telling, sent, delivered, seen, not_reached, talked, again (the alert reopened), or closed.
    wait_until: until when the patient should wait for a call; passed: that time is over without a call.
    promised: when a promised call-back was due that did not come.
    """

    state: str
    who: str
    at: datetime | None
    call_back_by: datetime | None
    wait_until: datetime
    passed: bool
    minutes: int
    emergency: bool
    live: bool
    promised: datetime | None = None
    # Go to the ER at once, even if a call-back is on its way.
    er_now: bool = False
    # The page says "do not wait any longer" above everything except 911.
    first: bool = False
    # By when the patient was told to be examined, who said so, and whether that time is over.
    seen_by: datetime | None = None
    seen_by_who: str = ""
    seen_by_over: bool = False
    # When the clinic got the log.
    received_at: datetime | None = None


def told(view: AlertView, tier: str, *, to_helper: bool) -> Told:
    """Return what the page says about an alert.

    tier: the tier of the advice on the same page. to_helper: a helper reads it, whose nurse it is not.
    """
    alert = view.alert
    state, at = _state(view)
    promised, missed = _promise(alert), _missed(view)
    wait_until = missed or _wait_until(view)
    may_pass = state in (*WAITING, "again") or missed is not None
    passed = may_pass and view.now >= wait_until
    return Told(
        state=state,
        who=_who(alert.tried_by if state == "not_reached" else alert.acked_by, to_helper),
        at=at,
        call_back_by=promised,
        wait_until=wait_until,
        passed=passed,
        minutes=view.fallback_minutes,
        emergency=state in WAITING and tier == Alert.Tier.CALL_911,
        live=alert.state != Alert.State.RESOLVED,
        er_now=view.er_now and state in WAITING and tier == Alert.Tier.CALL_DOCTOR_NOW,
        promised=missed,
        first=(passed or _seen_by_over(view)) and tier != Alert.Tier.CALL_911,
        seen_by=alert.seen_by if alert.state != Alert.State.RESOLVED else None,
        seen_by_who=_who(alert.seen_by_said_by, to_helper),
        seen_by_over=_seen_by_over(view),
        received_at=view.received_at,
    )


def told_of(page: TodayPage, *, to_helper: bool) -> Told | None:
    """Return who has answered the alert that Today shows; None without an alert."""
    if page.alert is None:
        return None
    tier = page.banner.tier if page.banner else page.alert.alert.tier
    return told(page.alert, tier, to_helper=to_helper)


def _seen_by_over(view: AlertView) -> bool:
    """Return whether the time to be examined has passed while the alert is still open."""
    at = view.alert.seen_by
    return at is not None and at <= view.now and view.alert.state != Alert.State.RESOLVED


def _state(view: AlertView) -> tuple[str, datetime | None]:
    """Return the state and since when. What staff did counts before the state of a message."""
    alert = view.alert
    if alert.state == Alert.State.RESOLVED:
        return "closed", alert.resolved_at
    if alert.tries:
        return "not_reached", alert.tried_at
    if alert.state == Alert.State.ACKED:
        return ("talked", alert.contacted_at) if _talked(alert) else ("seen", alert.acked_at)
    if not view.unanswered:
        return "again", None
    if view.delivered_at:
        return "delivered", view.delivered_at
    return ("sent", view.reached_at) if view.reached_at else ("telling", None)


def _talked(alert: Alert) -> bool:
    """Return whether contact came after the last acknowledgement; contact before a reopening does not count."""
    return bool(alert.contacted_at and alert.acked_at and alert.contacted_at >= alert.acked_at)


def _who(staff: Staff | None, to_helper: bool) -> str:
    """Return words such as "your nurse Ana", to a helper "the nurse Ana"; the care team when nobody is known."""
    if staff is None:
        return str(CARE_TEAM_OF_ANOTHER if to_helper else CARE_TEAM)
    words = ROLE_WORDS[Who(staff.role)]
    return str(words.to_helper if to_helper else words.to_patient).format(name=staff.user.first_name or staff.name)


def _promise(alert: Alert) -> datetime | None:
    """Return when the member of staff who has the alert promised to call back; None without a promise."""
    return alert.call_back_by if alert.state == Alert.State.ACKED else None


def _missed(view: AlertView) -> datetime | None:
    """Return when a missed call-back was due, whether or not the alert has reopened for it yet; else None."""
    if view.alert.state == Alert.State.RESOLVED:
        return None
    promised = _promise(view.alert)
    return view.promise_missed_at or (promised if promised and promised <= view.now else None)


def _wait_until(view: AlertView) -> datetime:
    """Return the later of the promised call-back and the fallback of DF-39 since the patient began to wait."""
    fallback = _waits_since(view) + timedelta(minutes=view.fallback_minutes)
    promised = _promise(view.alert)
    return max(promised, fallback) if promised else fallback


def _waits_since(view: AlertView) -> datetime:
    """Return when the patient began to wait: their first unanswered log since the last contact.

    Only contact with the patient moves this time; other actions of staff do not.
    """
    started, since = view.alert.clock_started_at, view.waits_since
    if since is None:
        return started
    return since if view.alert.contacted_at else min(since, started)

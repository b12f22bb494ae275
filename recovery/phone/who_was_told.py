"""Who has been told about an alert and what they did, in true words (DESIGN, one log from thumb to nurse)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.models import Alert
from patients.models import Staff
from patients.permissions import ROLE_WORDS, Who
from recovery.selectors.today import AlertView, TodayPage

CARE_TEAM = "your care team"
# While one of these is true, nobody has reached the patient.
WAITING = ("telling", "sent", "delivered", "seen", "not_reached")


@dataclass(frozen=True)
class Told:
    """What the page says of one alert.

    state: telling, sent, delivered, seen, not_reached, talked, again (its time came back), or closed.
    wait_until: when not to wait any longer for a call; passed: that moment is over and nobody has called.
    promised: the call-back that was promised and did not come.
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
    # Go to the ER at once, whoever calls back.
    er_now: bool = False
    # Do not wait any longer: said above everything but 911.
    first: bool = False
    # By when the patient was told to be examined, by whom, and whether that moment is over.
    seen_by: datetime | None = None
    seen_by_who: str = ""
    seen_by_over: bool = False


def told(view: AlertView, tier: str) -> Told:
    """The true state of an alert. tier: what the page itself tells the patient to do."""
    alert = view.alert
    state, at = _state(view)
    promised, missed = _promise(alert), _missed(view)
    wait_until = missed or _wait_until(view)
    may_pass = state in (*WAITING, "again") or missed is not None
    passed = may_pass and view.now >= wait_until
    return Told(
        state=state,
        who=_who(alert.tried_by if state == "not_reached" else alert.acked_by),
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
        seen_by_who=_who(alert.seen_by_said_by),
        seen_by_over=_seen_by_over(view),
    )


def told_of(page: TodayPage) -> Told | None:
    """Who has answered the urgent message that stands on Today, or the alert behind it."""
    if page.alert is None:
        return None
    return told(page.alert, page.banner.tier if page.banner else page.alert.alert.tier)


def _seen_by_over(view: AlertView) -> bool:
    """The time to be examined passed, and nobody wrote down that it was done."""
    at = view.alert.seen_by
    return at is not None and at <= view.now and view.alert.state != Alert.State.RESOLVED


def _state(view: AlertView) -> tuple[str, datetime | None]:
    """What is true now, and since when: what a person did counts more than what a message did."""
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
    """Did the person who has it now reach the patient? A talk before it was opened again does not count."""
    return bool(alert.contacted_at and alert.acked_at and alert.contacted_at >= alert.acked_at)


def _who(staff: Staff | None) -> str:
    """your nurse Ana"""
    if staff is None:
        return CARE_TEAM
    return f"{ROLE_WORDS[Who(staff.role)].to_patient} {staff.user.first_name or staff.name}"


def _promise(alert: Alert) -> datetime | None:
    """The call-back the present person promised."""
    return alert.call_back_by if alert.state == Alert.State.ACKED else None


def _missed(view: AlertView) -> datetime | None:
    """The promised call-back that is over: opened again for it, or not noticed by anybody yet."""
    if view.alert.state == Alert.State.RESOLVED:
        return None
    promised = _promise(view.alert)
    return view.promise_missed_at or (promised if promised and promised <= view.now else None)


def _wait_until(view: AlertView) -> datetime:
    """A promised call-back, else the fallback of DF-39 from the moment the patient began to wait."""
    fallback = _waits_since(view) + timedelta(minutes=view.fallback_minutes)
    promised = _promise(view.alert)
    return max(promised, fallback) if promised else fallback


def _waits_since(view: AlertView) -> datetime:
    """The first unanswered word since the last contact. What the team does without a call never moves it."""
    started, since = view.alert.clock_started_at, view.waits_since
    if since is None:
        return started
    return since if view.alert.contacted_at else min(since, started)

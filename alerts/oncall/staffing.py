"""What the board says about who is on call and reachable, and the daily warning about gaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from alerts.models import Delivery
from alerts.oncall.gaps import Span, gaps
from alerts.oncall.roster import Roster, rosters
from alerts.policy.plan import URGENT_CHANNELS
from patients.models import Staff
from patients.permissions import ROLE_WORDS, Permission, may, roles_with
from patients.selectors.people import who_stopped_texts

AHEAD = timedelta(days=7)
SEND_WITHIN = timedelta(hours=8)
NAMES_SHOWN = 3


@dataclass(frozen=True)
class Cover:
    """Who is on call and reachable now, and the gaps of the next seven days."""

    no_nurse_now: bool
    # Whom urgent alerts tell without a nurse on call: all nurses, physician or manager; empty: no one.
    asked_instead: str
    out_of_reach: tuple[str, ...]
    nobody_reachable: bool
    # The people from whose mobile STOP was sent, so that no text reaches them.
    no_texts: tuple[str, ...]
    gaps: tuple[Span, ...]


def cover(clinic_id: int, now: datetime) -> Cover:
    """Who is on call and reachable at a clinic, and its gaps. Four queries."""
    roster = rosters([clinic_id], now, now + AHEAD)[clinic_id]
    waking = set(URGENT_CHANNELS) - {"board"}
    unreached = [person for person in roster.staff if not waking & roster.ways.get(person.user_id, {}).keys()]
    stopped = who_stopped_texts(person.user for person in roster.staff)
    on_call = [person for person in unreached if any(pk == person.pk for pk, _ in roster.on_call)]
    return Cover(
        no_nurse_now=not roster.nurses_on_call(),
        asked_instead=_asked_instead(roster),
        out_of_reach=tuple(person.name for person in on_call or unreached),
        nobody_reachable=len(unreached) == len(roster.staff),
        no_texts=tuple(person.name for person in roster.staff if person.user_id in stopped),
        gaps=tuple(nurse_gaps(roster, now, now + AHEAD)),
    )


def _asked_instead(roster: Roster) -> str:
    """The words for the audience that Roster.last_resort tells; empty when it tells no role."""
    told = {person.role for person, _ in roster.last_resort(URGENT_CHANNELS)}
    return next((words.when_told for role, words in ROLE_WORDS.items() if role in told), "")


def nurse_gaps(roster: Roster, start: datetime, end: datetime) -> list[Span]:
    """The times without a nurse's shift of a person who works here. The roster must reach until the end.

    A person whose role changed keeps their nurse's shifts (Roster.nurses_on_call), so these leave no gap.
    """
    working = {person.pk for person in roster.staff}
    nurses = roles_with(Permission.TAKE_FIRST_CALL)
    spans = [duty.span for duty in roster.duties if duty.role in nurses and duty.staff_id in working]
    return gaps(spans, start, end)


def lines(found: Cover) -> list[str]:
    """What is wrong right now with on call and contacts, as sentences for the board; empty when nothing is."""
    said = []
    if found.no_nurse_now and found.nobody_reachable:
        said.append("Nobody is on call now: only this screen shows who waits.")
    elif found.no_nurse_now:
        instead = (
            f"{found.asked_instead} are told" if found.asked_instead != "the manager" else "the manager is told"
        )
        said.append(f"Nobody is on call now: {instead if found.asked_instead else 'and nobody works here'}.")
    if found.nobody_reachable:
        said.append("Nobody can be reached away from this screen. Keep it open, and set how you are reached.")
    elif found.out_of_reach:
        said.append(f"No working contact for {_names(found.out_of_reach)}.")
    if found.no_texts:
        said.append(f"No texts reach {_names(found.no_texts)}: STOP was sent from that phone.")
    return said


def _names(people: Sequence[str]) -> str:
    more = len(people) - NAMES_SHOWN
    return f"{', '.join(people[:NAMES_SHOWN])}{f' and {more} more' if more > 0 else ''}"


def gap_warnings(clinic_id: int, local_date: date, now: datetime) -> list[Delivery]:
    """One e-mail per manager when the next seven days have a gap; not saved yet. The key allows one per day."""
    roster = rosters([clinic_id], now, now + AHEAD)[clinic_id]
    if not nurse_gaps(roster, now, now + AHEAD):
        return []
    return [_warning(clinic_id, local_date, person, now) for person in _managers(roster)]


def _managers(roster: Roster) -> Iterable[Staff]:
    return (person for person in roster.staff if may(person, Permission.HEAR_OF_FAULTS))


def _warning(clinic_id: int, local_date: date, person: Staff, now: datetime) -> Delivery:
    return Delivery(
        key=f"gaps:{clinic_id}:{local_date}:staff:{person.pk}:email",
        channel="email",
        recipient=f"staff:{person.pk}",
        message="staff_gaps",
        clinic_id=clinic_id,
        created_at=now,
        due_at=now,
        send_by=now + SEND_WITHIN,
    )

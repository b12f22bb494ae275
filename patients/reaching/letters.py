"""The rows of letters (sign-in codes and links): written before each is sent and updated afterwards."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from patients.models import Letter, Staff, User
from patients.values.provider_codes import Whose, mail_fault

# A letter that has no end after this time belongs to a process that died.
UNKNOWN_AFTER = timedelta(minutes=1)
# A channel counts as failing for this time after its newest letter failed.
TROUBLE_FOR = timedelta(minutes=10)
State = Letter.State


def begin(what: str, way: str, *, user: User | None = None, by: Staff | None = None) -> Letter:
    """Make the row of a letter that is about to be sent."""
    return Letter.objects.create(what=what, way=way, user=user, by=by, created_at=timezone.now())


def end(letter: Letter, error: Exception | None) -> Letter:
    """Note that a letter was sent or failed. error: what sending raised, if anything."""
    letter.done_at = timezone.now()
    letter.state = State.FAILED if error else State.LEFT
    if error:
        letter.error, letter.theirs = _why(letter.way, error)
    values = {name: getattr(letter, name) for name in ("done_at", "state", "error", "theirs")}
    Letter.objects.filter(pk=letter.pk, state=State.ON_ITS_WAY).update(**values)
    return letter


def _why(way: str, error: Exception) -> tuple[str, bool]:
    """Return the reason without an address in it, and whether the address is to blame."""
    if way == Letter.Way.EMAIL:
        fault = mail_fault(error)
        return f"mail server: {fault.words}", fault.whose == Whose.THEIRS
    words = str(error) if hasattr(error, "theirs") else type(error).__name__
    return words[:300], bool(getattr(error, "theirs", False))


def in_trouble(way: str, now: datetime) -> bool:
    """Return whether the newest letter by this channel failed for a reason other than its address.

    Every visitor gets the same answer, so an attacker cannot learn from it which addresses are known here.
    """
    recent = Letter.objects.filter(way=way, done_at__gt=now - TROUBLE_FOR, theirs=False)
    newest = recent.order_by("-done_at").first()
    return bool(newest and newest.state == State.FAILED)


def newest_links(users: Iterable[int]) -> dict[int, Letter]:
    """Return the newest link sent to each of these users, by user id, in one statement."""
    rows = Letter.objects.filter(user__in=list(users), what=Letter.What.LINK).select_related("by__user")
    newest = rows.order_by("user_id", "-created_at", "-pk").distinct("user_id")
    return {row.user_id: row for row in newest if row.user_id}

"""What became of messages that do not wait in the outbox: written down before, and after they were handed over."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from patients.models import Letter, Staff, User
from patients.values.provider_codes import Whose, mail_fault

# So long after it began, a letter without an end belongs to a process that died.
UNKNOWN_AFTER = timedelta(minutes=1)
# A way whose newest message could not leave is in trouble for so long.
TROUBLE_FOR = timedelta(minutes=10)
State = Letter.State


def begin(what: str, way: str, *, user: User | None = None, by: Staff | None = None) -> Letter:
    """The row of a message that is about to be handed over."""
    return Letter.objects.create(what=what, way=way, user=user, by=by, created_at=timezone.now())


def end(letter: Letter, error: Exception | None) -> Letter:
    """What became of it; error: what was raised on the way."""
    letter.done_at = timezone.now()
    letter.state = State.FAILED if error else State.LEFT
    if error:
        letter.error, letter.theirs = _why(letter.way, error)
    values = {name: getattr(letter, name) for name in ("done_at", "state", "error", "theirs")}
    Letter.objects.filter(pk=letter.pk, state=State.ON_ITS_WAY).update(**values)
    return letter


def _why(way: str, error: Exception) -> tuple[str, bool]:
    """In words without an address, and whether the address is to blame."""
    if way == Letter.Way.EMAIL:
        fault = mail_fault(error)
        return f"mail server: {fault.words}", fault.whose == Whose.THEIRS
    words = str(error) if hasattr(error, "theirs") else type(error).__name__
    return words[:300], bool(getattr(error, "theirs", False))


def in_trouble(way: str, now: datetime) -> bool:
    """Could the newest message by this way not leave, for a reason that is no address's?

    The same for every reader, so that nobody learns from it which address is known here.
    """
    recent = Letter.objects.filter(way=way, done_at__gt=now - TROUBLE_FOR, theirs=False)
    newest = recent.order_by("-done_at").first()
    return bool(newest and newest.state == State.FAILED)


def newest_links(users: Iterable[int]) -> dict[int, Letter]:
    """The newest link of each of these people, in one statement."""
    rows = Letter.objects.filter(user__in=list(users), what=Letter.What.LINK).select_related("by__user")
    newest = rows.order_by("user_id", "-created_at", "-pk").distinct("user_id")
    return {row.user_id: row for row in newest if row.user_id}

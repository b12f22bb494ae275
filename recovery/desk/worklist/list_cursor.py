"""The end of a worklist page as one word in the address."""

from datetime import UTC, datetime

from django.http import Http404

from recovery.desk.worklist.worklist_query import ListCursor

MICROSECONDS = 1_000_000


def to_word(cursor: ListCursor) -> str:
    """Return a cursor as a word such as 20.1763692150123456.88."""
    since = cursor.since.astimezone(UTC)
    whole = int(since.replace(microsecond=0).timestamp()) * MICROSECONDS + since.microsecond
    return f"{cursor.rank}.{whole}.{cursor.pk}"


def from_word(word: str) -> ListCursor | None:
    """Return the cursor of an address; None for the first page. An invalid word is a 404."""
    if not word:
        return None
    try:
        rank, whole, pk = (int(part) for part in word.split("."))
        since = datetime.fromtimestamp(whole // MICROSECONDS, UTC).replace(microsecond=whole % MICROSECONDS)
    except (ValueError, OverflowError, OSError):
        raise Http404 from None
    return ListCursor(rank, since, pk)

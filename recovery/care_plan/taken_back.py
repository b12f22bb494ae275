"""Take back notes that were sent too early because a date moved later; they become due again."""

from django.db.models import Q

from patients.models import Procedure
from patients.tiers import ON_TRACK
from recovery.models import Reminder
from recovery.plan.situation import Situation, read_situation
from recovery.plan.told_early import IN_WORDS, TakenBack, came_too_early, in_words
from recovery.state.current_state import Standing

# The key of the "please open" message about notes taken back begins so; the moment follows.
BACK = "back:"
OPEN_STATES = (Reminder.State.PENDING, Reminder.State.TAKEN_BACK)


def still_sent(at: Standing) -> list[str]:
    """Take back the notes that came too early by today's dates; return the keys of those that still count as sent.

    One statement when no date has moved. The patient's row must be locked.
    """
    ours = Q(procedure=at.procedure)
    # What an earlier recovery allowed does not apply after another procedure.
    earlier = Q(procedure__patient_id=at.procedure.patient_id, milestone__gt="", state=Reminder.State.SENT)
    rows = Reminder.objects.filter(ours | earlier).exclude(state__in=OPEN_STATES)
    told = list(rows.only("key", "milestone", "state", "procedure_id"))
    s = _situation(at)
    early = [row for row in told if _is_early(row, s, at)]
    if early:
        _take_back(early, at)
    gone = {row.pk for row in early}
    return [row.key for row in told if row.pk not in gone and row.procedure_id == at.procedure.pk]


def taken_back(at: Standing) -> list[TakenBack]:
    """Return in words what the patient must wait with after all; runs no statement."""
    rows = notes_taken_back(at.procedure)
    pairs = [(row["milestone"], row["key"]) for row in rows]
    return in_words(pairs, _situation(at), at.book) if pairs else []


def notes_taken_back(procedure: Procedure) -> list[dict[str, str]]:
    """Return the notes taken back for a procedure of record.with_overrides, oldest first; times are ISO text."""
    return list(getattr(procedure, "notes_taken_back", None) or [])


def _is_early(row: Reminder, s: Situation, at: Standing) -> bool:
    if row.state != Reminder.State.SENT or row.milestone not in at.book.ids:
        return False
    entry = at.book.entry(row.milestone)
    if row.procedure_id != at.procedure.pk and (entry.type != "permission" or ":" in row.key):
        return False
    return came_too_early(entry, row.key, s, at.book)


def _take_back(early: list[Reminder], at: Standing) -> None:
    """Mark the notes as taken back; the rows stay as a record of what was sent.

    If the patient may have acted on one of them, a message asks the patient to open the app.
    """
    Reminder.objects.filter(pk__in=[row.pk for row in early]).update(
        state=Reminder.State.TAKEN_BACK, taken_back_at=at.now, taken_back_for=at.procedure
    )
    if any(at.book.entry(row.milestone).type in IN_WORDS for row in early):
        key = f"{BACK}{at.now:%Y-%m-%dT%H:%M:%S}"
        Reminder.objects.get_or_create(procedure=at.procedure, key=key, defaults={"due_at": at.now})


def _situation(at: Standing) -> Situation:
    return read_situation(at.record, {"tier": ON_TRACK}, at.now, at.book)

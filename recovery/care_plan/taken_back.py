"""Notes that were sent and whose time lies ahead again, because a date moved: due once more, and taken back."""

from django.db.models import Q

from patients.models import Procedure
from patients.tiers import ON_TRACK
from recovery.models import Reminder
from recovery.plan.situation import Situation, read_situation
from recovery.plan.told_early import IN_WORDS, TakenBack, came_too_early, in_words
from recovery.state.current_state import Standing

# The key of the message that says "please open" about what was taken back; the moment follows.
BACK = "back:"
OPEN_STATES = (Reminder.State.PENDING, Reminder.State.TAKEN_BACK)


def still_sent(at: Standing) -> list[str]:
    """The keys of the notes that count as sent by the dates of now; what came too early is taken back first.

    One statement when nothing has moved. The patient's row is locked.
    """
    ours = Q(procedure=at.procedure)
    # What an earlier recovery allowed does not hold after another procedure.
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
    """What the patient should wait with after all, in words; no statement of its own."""
    rows = notes_taken_back(at.procedure)
    pairs = [(row["milestone"], row["key"]) for row in rows]
    return in_words(pairs, _situation(at), at.book) if pairs else []


def notes_taken_back(procedure: Procedure) -> list[dict[str, str]]:
    """The notes taken back for a procedure loaded by record.with_overrides, oldest first; moments as ISO text."""
    return list(getattr(procedure, "notes_taken_back", None) or [])


def _is_early(row: Reminder, s: Situation, at: Standing) -> bool:
    if row.state != Reminder.State.SENT or row.milestone not in at.book.ids:
        return False
    entry = at.book.entry(row.milestone)
    if row.procedure_id != at.procedure.pk and (entry.type != "permission" or ":" in row.key):
        return False
    return came_too_early(entry, row.key, s, at.book)


def _take_back(early: list[Reminder], at: Standing) -> None:
    """The rows stay as what was said; the patient is asked to open the app where somebody may have acted on it."""
    Reminder.objects.filter(pk__in=[row.pk for row in early]).update(
        state=Reminder.State.TAKEN_BACK, taken_back_at=at.now, taken_back_for=at.procedure
    )
    if any(at.book.entry(row.milestone).type in IN_WORDS for row in early):
        key = f"{BACK}{at.now:%Y-%m-%dT%H:%M:%S}"
        Reminder.objects.get_or_create(procedure=at.procedure, key=key, defaults={"due_at": at.now})


def _situation(at: Standing) -> Situation:
    return read_situation(at.record, {"tier": ON_TRACK}, at.now, at.book)

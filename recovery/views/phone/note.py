"""The one question a note can raise (DF-33): words of a warning sign are in it, and nothing else says so."""

from collections.abc import Iterable, Mapping
from typing import Any

from patients.clean import clean
from recovery.forms.log import LogForm
from recovery.triage.evaluate import judge
from recovery.triage.tiers import RANK

# The rules that read the note: a person who says "not now" clears these and nothing else.
NOTE_RULES = frozenset({"R911-12", "RDN-25"})


def asks_about_note(answers: Mapping[str, Any], tier: str, fired: Iterable[tuple[str, str]]) -> bool:
    """Was this tier reached only by words in the note, and not confirmed yet? fired: (rule id, its tier)."""
    if answers.get("notes_confirm"):
        return False
    top = {rule for rule, at in fired if RANK.get(at, 0) == RANK.get(tier, 0)}
    return bool(top) and top <= NOTE_RULES


def stands_on_form(form: LogForm) -> bool:
    """Does a page that comes back ask: because it was answered there, or because the note calls for it?"""
    if not form.is_bound:
        return False
    if form.data.get("notes_confirm"):
        return True
    read = bool(getattr(form, "cleaned_data", None))
    answers = form.answers() if read else {"notes": clean(form.data.get("notes", ""))}
    verdict = judge({}, 0.0, answers, [])
    return asks_about_note(answers, verdict.tier, [(f.id, f.tier) for f in verdict.fired])

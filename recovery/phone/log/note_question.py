"""The question about a note (DF-33): asked when only the words of the note mention a warning sign."""

from collections.abc import Iterable, Mapping
from typing import Any

from patients.tiers import RANK
from patients.values.typed_text import clean
from recovery.forms.log import LogForm
from recovery.models import Assessment
from recovery.triage.evaluate import judge
from recovery.triage.facts import FEVER_LINES
from recovery.triage.free_text import FIELDS, found_concepts
from recovery.triage.measured import LINES
from recovery.triage.roles import NOTE
from recovery.triage.rulebook import rules_in
from recovery.triage.rulebook.files import read_content


def asks_about_note(answers: Mapping[str, Any], tier: str, fired: Iterable[tuple[str, str]]) -> bool:
    """Return whether only the words of a note led to this tier and are not confirmed. fired: (rule id, tier)."""
    if answers.get("notes_confirm") == "yes_now":
        return False
    top = {rule for rule, at in fired if RANK.get(at, 0) == RANK.get(tier, 0)}
    return bool(top) and top <= rules_in(NOTE)


def asked_about(answers: Mapping[str, Any], verdict: Assessment | None = None) -> list[Mapping[str, Any]]:
    """Return the concepts found in the words that the page may ask about; never self-harm.

    Fever limits come from the verdict, or are the usual ones without a verdict.
    """
    free_text = read_content()["free_text"]
    facts = verdict.facts if verdict else {}
    lines = tuple(facts.get(name, usual) for name, usual in zip(FEVER_LINES, LINES, strict=True))
    texts = [answers.get(name) for name in FIELDS]
    hits = found_concepts(
        texts, free_text, (lines[0], lines[1]), by_helper=answers.get("logged_by") == "caregiver"
    )
    found = {hit.concept for hit in hits}
    return [row for row in free_text["concepts"] if row["key"] in found and row["tier"] != "self_harm"]


def stands_on_form(form: LogForm) -> list[Mapping[str, Any]]:
    """Return the concepts a page shown again asks about: the note needs it, or it was asked there before."""
    if not form.is_bound:
        return []
    read = bool(getattr(form, "cleaned_data", None))
    answers = form.answers() if read else {name: clean(form.data.get(name, "")) for name in FIELDS}
    verdict = judge({}, 0.0, answers, [])
    asks = asks_about_note(answers, verdict.tier, [(f.id, f.tier) for f in verdict.fired])
    return asked_about(answers) if asks or form.data.get("notes_confirm") else []

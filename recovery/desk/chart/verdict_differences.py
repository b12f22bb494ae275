"""Differences between the verdicts of phone and server, in a nurse's words."""

from patients.templatetags.kypho import tier_label
from patients.tiers import most_urgent
from recovery.models import Assessment

SHOWN_OF_HASH = 8


def phone_said(assessment: Assessment | None) -> str:
    """Return one sentence for a difference; "" when there is none."""
    if assessment is None or not assessment.difference:
        return ""
    book = _book(assessment)
    ours = tier_label(most_urgent([entry["tier"] for entry in assessment.fired]))
    if assessment.difference != "rules":
        return f"The phone judged “{tier_label(assessment.phone_tier)}” with {book}; the server judged “{ours}”."
    return f"The phone judged the same with {book}, by other rules: {_rules(assessment.phone_fired or [])}."


def _book(assessment: Assessment) -> str:
    if not assessment.phone_rulebook:
        return "an unnamed rule book"
    if assessment.phone_rulebook == assessment.rulebook:
        return "this rule book"
    return f"rule book {assessment.phone_rulebook[:SHOWN_OF_HASH]} (another one)"


def _rules(ids: list[str]) -> str:
    return ", ".join(ids) or "none"

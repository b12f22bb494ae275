"""Compare the verdicts of phone and server on the same log. Pure."""

from collections.abc import Sequence

from patients.tiers import RANK

# The words that staff read.
KINDS = {
    "phone_worse": "the phone judged more urgent",
    "server_worse": "the server judged more urgent",
    "rules": "same tier, by other rules",
}


def difference(tier: str, fired: Sequence[str], phone_tier: str, phone_fired: Sequence[str] | None) -> str:
    """Return the key of KINDS that applies; "" when both agree or the phone did not judge.

    tier and fired: the server's own verdict, before the more urgent tier of the two is used.
    """
    if phone_tier not in RANK:
        return ""
    if phone_tier != tier:
        return "phone_worse" if RANK[phone_tier] > RANK[tier] else "server_worse"
    return "rules" if phone_fired is not None and list(phone_fired) != list(fired) else ""

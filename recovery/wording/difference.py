"""How the verdict of a phone differs from the server's on the same log. Pure: plain values in, a word out."""

from collections.abc import Sequence

from patients.tiers import RANK

# In the words staff read.
KINDS = {
    "phone_worse": "the phone judged more urgent",
    "server_worse": "the server judged more urgent",
    "rules": "same tier, by other rules",
}


def difference(tier: str, fired: Sequence[str], phone_tier: str, phone_fired: Sequence[str] | None) -> str:
    """The key of KINDS that holds; empty when both agree or the phone judged nothing.

    tier and fired: the server's own verdict, before the more urgent of the two is taken.
    """
    if phone_tier not in RANK:
        return ""
    if phone_tier != tier:
        return "phone_worse" if RANK[phone_tier] > RANK[tier] else "server_worse"
    return "rules" if phone_fired is not None and list(phone_fired) != list(fired) else ""

"""The numbers and places behind a sign, as the newest log gave them."""

from collections.abc import Mapping
from typing import Any

from alerts.models import AlertSign
from recovery.triage.rulebook import answer_label

# Which question each kept value answers; the place is asked separately for numbness, weakness and pain.
PLACES = {"numb": "numb_where", "spread_pain": "spread_pain_where"}
LEVELS = {"em_breath": "em_breath", "em_leg_move": "em_leg_move", "site_swelling": "site_swelling"}


def values_of(sign: AlertSign) -> str:
    """legs or feet; pain 5; 100.6 °F. Empty when nothing was kept."""
    latest: Mapping[str, Any] = sign.latest or {}
    found = [
        *(answer_label(PLACES.get(sign.sign, "weak_where"), str(place)) for place in latest.get("regions") or ()),
        *_level(sign.sign, latest),
        *_numbers(latest),
    ]
    return "; ".join(found)


def _level(sign: str, latest: Mapping[str, Any]) -> list[str]:
    found = []
    if latest.get("level") and sign in LEVELS:
        found.append(answer_label(LEVELS[sign], str(latest["level"])))
    if latest.get("weak_stand"):
        found.append(f"can stand: {answer_label('weak_stand', str(latest['weak_stand']))}")
    return found


def _numbers(latest: Mapping[str, Any]) -> list[str]:
    found = []
    if latest.get("temp_c") is not None:
        celsius = float(latest["temp_c"])
        found.append(f"{celsius * 9 / 5 + 32:.1f} °F ({celsius:.1f} °C)")
    if latest.get("pain") is not None:
        found.append(f"pain {latest['pain']} of 10")
    if latest.get("pain_site"):
        found.append(f"needle spot {latest['pain_site']} of 10")
    return found

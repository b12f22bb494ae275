"""Who stands where on the worklist."""

import pytest

from alerts.lifecycle.ranking import rank


@pytest.mark.parametrize(
    ("state", "tier", "priority", "silent", "place"),
    [
        ("open", "call_911", "P0", False, 0),
        ("open", "call_doctor_now", "P1", False, 10),
        ("open", "call_doctor_now", "P2", True, 20),
        ("open", "call_doctor_now", "P4", False, 20),
        ("acked", "call_911", "P0", False, 30),
        ("acked", "call_doctor_now", "P1", False, 40),
        ("open", "watch", "P3", True, 50),
        ("open", "watch", "P3", False, 60),
        ("acked", "watch", "P4", False, 61),
        ("resolved", "call_911", "P0", False, 90),
    ],
)
def test_an_alert_has_its_place(state: str, tier: str, priority: str, silent: bool, place: int) -> None:
    assert rank(state=state, tier=tier, priority=priority, silent=silent) == place

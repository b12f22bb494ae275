"""The mark of what waits on every page of the desk: the number of open urgent alerts and the worst tier."""

from dataclasses import dataclass

from alerts.models import Alert
from patients.scoping import rows_of
from patients.tiers import URGENT

# The most alerts that are counted; more are shown as "More than 99".
MOST = 99


@dataclass(frozen=True)
class Waiting:
    """The open urgent alerts of a clinic.

    tier: the most urgent one; empty when none waits. keys: one per alert, a new one when it opens again, so that a
    page can tell a new alert from one it knows. more: there are more than count.
    """

    count: int
    tier: str
    keys: list[str]
    more: bool = False

    @property
    def words(self) -> str:
        """The mark in words: No urgent alert, 1 waits, 3 wait, More than 99 wait."""
        if not self.count:
            return "No urgent alert"
        number = f"More than {self.count}" if self.more else str(self.count)
        return f"{number} {'waits' if self.count == 1 else 'wait'}"


def waiting_of(clinic_id: int) -> Waiting:
    """The clinic's open urgent alerts. One statement."""
    rows = rows_of(Alert, clinic=clinic_id).filter(state=Alert.State.OPEN, tier__in=URGENT)
    found = list(rows.order_by("pk").values_list("tier", "code", "reopened")[: MOST + 1])
    tiers = {tier for tier, _, _ in found}
    worst = next((tier for tier in URGENT if tier in tiers), "")
    keys = [f"{code}.{reopened}" for _, code, reopened in found[:MOST]]
    return Waiting(min(len(found), MOST), worst, keys, more=len(found) > MOST)

"""How many urgent alerts wait for somebody, and the worst of them: the mark on every page of the desk."""

from dataclasses import dataclass

from alerts.models import Alert
from patients.scoping import rows_of
from patients.tiers import URGENT

# More than this is said as "more than".
MOST = 99


@dataclass(frozen=True)
class Waiting:
    """tier: of the most urgent that nobody has taken; empty when none waits. keys: one for each, new when it opens
    again, so that a page can tell a new one from those it knew."""

    count: int
    tier: str
    keys: list[str]
    more: bool = False

    @property
    def words(self) -> str:
        """No urgent alert, 1 waits, 3 wait, More than 99 wait."""
        if not self.count:
            return "No urgent alert"
        number = f"More than {self.count}" if self.more else str(self.count)
        return f"{number} {'waits' if self.count == 1 else 'wait'}"


def waiting_of(clinic_id: int) -> Waiting:
    """The clinic's open urgent alerts, in one statement however many there are."""
    rows = rows_of(Alert, clinic=clinic_id).filter(state=Alert.State.OPEN, tier__in=URGENT)
    found = list(rows.order_by("pk").values_list("tier", "code", "reopened")[: MOST + 1])
    tiers = {tier for tier, _, _ in found}
    worst = next((tier for tier in URGENT if tier in tiers), "")
    keys = [f"{code}.{reopened}" for _, code, reopened in found[:MOST]]
    return Waiting(min(len(found), MOST), worst, keys, more=len(found) > MOST)

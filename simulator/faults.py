"""The faults of the simulated provider. They can be changed while it runs.

The same seed makes the same choices for the same requests in the same order.
"""

import random
import threading
from dataclasses import asdict, dataclass, field, fields
from typing import Any

DELAYS = {"queued": 0.0, "sent": 0.1, "delivered": 0.2}


@dataclass
class Faults:
    """All faults. Rates are between 0 and 1; other numbers are in seconds unless they say otherwise."""

    # Faults affect only paths that begin like this: "/2010-04-01", "/webhook", "/push"; empty: all paths.
    only: str = ""
    error_rate: float = 0.0  # 500
    busy_rate: float = 0.0  # 429 with Retry-After
    retry_after: int = 2
    unavailable_rate: float = 0.0  # 503
    hang_rate: float = 0.0  # sends nothing for hang_seconds, then closes
    hang_seconds: float = 30.0
    reset_rate: float = 0.0  # resets the connection before taking the message
    lost_answer_rate: float = 0.0  # takes the message, then resets the connection
    slow_rate: float = 0.0  # takes the message; sends the answer byte by byte over slow_seconds
    slow_seconds: float = 20.0
    endless_rate: float = 0.0  # takes the message; the answer starts normally and never ends
    endless_pause_seconds: float = 0.1  # between its bytes; 0: as fast as the caller reads
    delay_seconds: float = 0.0  # before every answer
    refuse_account: bool = False  # 401 to everything
    # Phone number -> error code: refused at once (21211, 21614, 21610 ...) or failed later (30003, 30005 ...).
    refused_numbers: dict[str, int] = field(default_factory=dict)
    failed_numbers: dict[str, int] = field(default_factory=dict)
    receipts: bool = True
    receipt_delays: dict[str, float] = field(default_factory=lambda: dict(DELAYS))
    duplicate_receipt_rate: float = 0.0
    shuffle_receipts: bool = False  # the last state first
    receipt_tries: int = 5  # while our side does not answer; half a second apart
    honor_keys: bool = True  # the same Idempotency-Key is the same message

    def change(self, values: dict[str, Any]) -> None:
        """Set the named faults; raises ValueError for an unknown name or wrong type, and then sets nothing."""
        known = {one.name for one in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"no such setting: {name}")
            kind = type(getattr(self, name))
            good = isinstance(value, int | float) and not isinstance(value, bool) if kind is float else None
            if not (isinstance(value, kind) if good is None else good):
                raise ValueError(f"{name} is a {kind.__name__}")
        for name, value in values.items():
            setattr(self, name, value)

    def as_json(self) -> dict[str, Any]:
        """Return every fault with its value."""
        return asdict(self)


class Dice:
    """One seeded random generator for all threads."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 (chance, not a secret)
        self._lock = threading.Lock()

    def happens(self, rate: float) -> bool:
        """Return True with this probability."""
        with self._lock:
            return rate > 0 and self._random.random() < rate

    def what_happens(self, faults: Faults, path: str) -> str:
        """Return the fault of one request, at most one; empty when all is well."""
        if not path.startswith(faults.only):
            return ""
        if faults.refuse_account:
            return "refuse_account"
        rates = ("error", "busy", "unavailable", "hang", "reset", "lost_answer", "slow", "endless")
        return next((name for name in rates if self.happens(getattr(faults, f"{name}_rate"))), "")

"""Faults of mail server, provider of texts, and receivers of webhooks."""

from faults.kinds.base import Fault


def _mail(mode: str, least: float, most: float) -> Fault:
    return Fault(f"mail server: {mode}", lambda target, rng: target.provider(mode, rng.uniform(least, most)))


def _texts(name: str, least: float, most: float, **settings: float) -> Fault:
    return Fault(
        f"texts: {name}", lambda target, rng: target.simulator("texts", rng.uniform(least, most), **settings)
    )


def _hooks(name: str, **settings: float) -> Fault:
    return Fault(
        f"webhook: {name}", lambda target, rng: target.simulator("hooks", rng.uniform(10, 14), **settings)
    )


FAULTS = (
    _mail("slow", 3, 6),
    _mail("busy", 2, 5),
    _mail("later", 2, 5),
    _mail("reset", 2, 5),
    _mail("lost", 1, 3),
    _mail("hang", 2, 4),
    _mail("trickle", 2, 4),
    _mail("refuse", 1, 2),
    _texts("500", 2, 5, error_rate=0.7),
    _texts("429", 2, 5, busy_rate=1.0),
    _texts("hang", 2, 5, hang_rate=1.0),
    _texts("slow", 2, 5, slow_rate=1.0),
    _texts("reset", 2, 5, reset_rate=0.7),
    _texts("lost answers", 2, 5, lost_answer_rate=1.0),
    _texts("receipts twice", 5, 9, duplicate_receipt_rate=1.0),
)
LONGER = (
    _texts("no receipts", 15, 20, receipts=False),
    _texts("answers without end", 6, 9, endless_rate=1.0),
    _hooks("streams for ever", endless_rate=1.0, endless_pause_seconds=0.0),
    _hooks("never ends what it says", endless_rate=1.0),
    _hooks("says nothing", hang_rate=1.0),
)

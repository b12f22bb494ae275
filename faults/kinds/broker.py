"""Faults of Redis: it dies, hangs, loses its data, is full, or takes no writes."""

from faults.kinds.base import Fault

FAULTS = (
    Fault("kill -9 valkey", lambda target, rng: target.kill("valkey"), slow=True),
    Fault("hold valkey", lambda target, rng: target.hold("valkey", rng.uniform(2, 6))),
    Fault("flush broker", lambda target, rng: target.broker.flush()),
    Fault("broker full", lambda target, rng: target.broker.fill(rng.uniform(2, 5))),
)
LONGER = (
    Fault("broker takes no writes", lambda target, rng: target.broker.lone(rng.uniform(8, 12))),
    Fault("broker is somebody's copy", lambda target, rng: target.broker.follow(rng.uniform(8, 12))),
)

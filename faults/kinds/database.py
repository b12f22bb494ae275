"""Faults of PostgreSQL: it dies, hangs, is full, takes no writes or connections, or a table is locked."""

from faults.kinds.base import Fault

ALERTS = "alerts_alert"
LOCKED_WORDS = "nobody reads or writes alerts"
# Longer than the 30 s for which a stop of all sweeps may go unnoticed.
DRILL_SECONDS = 40
# The tables of a log's path, then of its alert's. Sweeps go on while one of the first group is locked.
BESIDE_SWEEPS = (
    "patients_session",
    "patients_user",
    "patients_patient",
    "recovery_dailylog",
    "recovery_assessment",
    "recovery_reminder",
)
OF_SWEEPS = ("alerts_alertsign", "alerts_alertevent", "alerts_delivery", "alerts_processbeat", "alerts_setaside")


def _locked(table: str, *, nobody_sweeps: bool) -> Fault:
    return Fault(
        f"locked: {table}",
        lambda target, rng: target.database.lock(table, rng.uniform(7, 10)),
        nobody_sweeps=nobody_sweeps,
    )


FAULTS = (
    Fault("kill -9 postgres", lambda target, rng: target.kill("postgres"), slow=True),
    Fault("restart database, immediate", lambda target, rng: target.quit("postgres"), slow=True),
    Fault("kill -9 one backend", lambda target, rng: target.kill("postgres", child=True), slow=True),
    Fault("hold postgres", lambda target, rng: target.hold("postgres", rng.uniform(2, 5)), nobody_sweeps=True),
    Fault("terminate all sessions", lambda target, rng: target.database.end_sessions()),
    Fault(
        "disk full",
        lambda target, rng: target.database.full_disk(rng.uniform(2, 4)),
        nobody_sweeps=True,
        slow=True,
    ),
)
LOCKED = Fault(
    f"lock: {LOCKED_WORDS}",
    lambda target, rng: target.database.lock(ALERTS, rng.uniform(6, 10)),
    nobody_sweeps=True,
)
LONGER = (
    Fault(
        "database lets nobody in",
        lambda target, rng: target.database.crowd(rng.uniform(8, 12)),
        nobody_sweeps=True,
    ),
    Fault(
        "others fill the database",
        lambda target, rng: target.database.crowd(rng.uniform(8, 12), ours_too=False),
    ),
    Fault(
        "database takes no writes",
        lambda target, rng: target.database.read_only(rng.uniform(8, 12)),
        nobody_sweeps=True,
    ),
    *(_locked(table, nobody_sweeps=False) for table in BESIDE_SWEEPS),
    *(_locked(table, nobody_sweeps=True) for table in OF_SWEEPS),
)
DRILL = Fault(
    f"drill: {LOCKED_WORDS} for long",
    lambda target, rng: target.database.lock(ALERTS, DRILL_SECONDS),
    nobody_sweeps=True,
)

"""What we promise about telling people, each as one question whose answers are whoever is let down right now.

A new promise: one function in a file here (or in recovery.promises, which knows of logs and plans), one line in a
list, and its section in docs/runbook.md. The watchdog, the status page, /metrics and the board read the lists.
"""

from alerts.monitoring.promises.base import MOST, Found, Offender, Promise, ask
from alerts.monitoring.promises.messages import MESSAGES
from alerts.monitoring.promises.moving import MOVING
from alerts.monitoring.promises.records import RECORDS
from alerts.monitoring.promises.system import SYSTEM

PROMISES: tuple[Promise, ...] = (*MOVING, *MESSAGES, *RECORDS, *SYSTEM)

__all__ = ["MOST", "PROMISES", "Found", "Offender", "Promise", "ask"]

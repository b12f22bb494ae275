"""The promises of this product about alerts. Each asks one question: which rows break it right now?

A new promise is one function in a file here (or in recovery.promises, for logs and plans), one line in a list, and
a section in docs/runbook.md. The watchdog, the status page, /metrics and the board read the lists.
"""

from alerts.monitoring.promises.base import MOST, Found, Offender, Promise, ask
from alerts.monitoring.promises.messages import MESSAGES
from alerts.monitoring.promises.moving import MOVING
from alerts.monitoring.promises.records import RECORDS
from alerts.monitoring.promises.system import SYSTEM

PROMISES: tuple[Promise, ...] = (*MOVING, *MESSAGES, *RECORDS, *SYSTEM)

__all__ = ["MOST", "PROMISES", "Found", "Offender", "Promise", "ask"]

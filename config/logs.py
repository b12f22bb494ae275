"""What the log says while the database or the broker is away, or the house is full."""

import logging

from config.hashing import Busy
from patients.trouble import not_taken

BEAT = "celery.beat"


class OneLineWhileAway(logging.Filter):
    """A database that restarts, or a full house, is one line per request or task in the log, not a page.

    So is a broker that takes no writes, each time that beat cannot ask for a task: all night, every second.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error and record.name == BEAT:
            record.msg, record.args, record.exc_info = (
                "no task could be asked for: %s",
                (type(error).__name__,),
                None,
            )
        elif not_taken(error) or isinstance(error, Busy):
            record.exc_info = None
            record.msg = f"{record.msg} ({type(error).__name__})"
        return True

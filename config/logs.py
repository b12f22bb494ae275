"""Shortens log messages while the database or the broker is down, or the server is overloaded."""

import logging

from config.hashing import Busy
from patients.trouble import not_taken

BEAT = "celery.beat"


class OneLineWhileAway(logging.Filter):
    """Shortens a log record to one line, without a traceback, while the database is down or the server overloaded.

    It does the same when beat cannot queue a task, because that may happen every second all night.
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

"""What the log says while the database is away, or the house is full."""

import logging

from config.hashing import Busy
from patients.trouble import not_taken


class OneLineWhileAway(logging.Filter):
    """A database that restarts, or a full house, is one line per request in the log, not a page."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if not_taken(error) or isinstance(error, Busy):
            record.exc_info = None
            record.msg = f"{record.msg} ({type(error).__name__})"
        return True

"""What the log says while the database is away."""

import logging

from django.db import InterfaceError, OperationalError


def database_is_away(error: BaseException | None) -> bool:
    """Did the line to the database break, or could it not be had?"""
    return isinstance(error, OperationalError | InterfaceError)


class OneLineWhileAway(logging.Filter):
    """A database that restarts is one line per request in the log, not a page."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if database_is_away(error):
            record.exc_info = None
            record.msg = f"{record.msg} ({type(error).__name__})"
        return True

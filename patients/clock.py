"""The database's clock, the only one that times in rows and sessions are compared with."""

from datetime import datetime

from django.db import connection


def db_now() -> datetime:
    """Return the time of the database's clock now, not at the start of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    assert isinstance(now, datetime)
    return now

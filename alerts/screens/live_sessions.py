"""Who is still there? A process that dies, however it dies, takes its database session with it.

All processes sign in to PostgreSQL as the same role: of another's sessions the start would be hidden. Behind a
pooler that lends its sessions out, a dead process looks alive, and only its lease tells.
"""

from django.db import connection
from django.db.models.expressions import RawSQL

# A number is given again after a while, a number with its start never.
_NAME = "pid || '@' || extract(epoch FROM backend_start)"
_LIVE = f"SELECT {_NAME} FROM pg_stat_activity WHERE backend_start IS NOT NULL"  # noqa: S608 - constants


def our_session() -> str:
    """The name of the session this thread talks to the database in."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_NAME} FROM pg_stat_activity WHERE pid = pg_backend_pid()")  # noqa: S608
        (name,) = cursor.fetchone()
    return str(name)


def live_sessions() -> RawSQL:
    """The names of all sessions, for one statement: read after the rows, so that no new session is missed."""
    return RawSQL(_LIVE, ())  # noqa: S611 - constants

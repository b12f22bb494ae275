"""Which processes are alive? A process that dies in any way loses its database session.

All processes sign in to PostgreSQL as one role, because PostgreSQL hides when another role's sessions started. A
pooler that shares sessions makes a dead process look alive; then only its lease shows that it died.
"""

from django.db import connection
from django.db.models.expressions import RawSQL

# PostgreSQL reuses a pid after a while, but not a pid with the same start.
_NAME = "pid || '@' || extract(epoch FROM backend_start)"
_LIVE = f"SELECT {_NAME} FROM pg_stat_activity WHERE backend_start IS NOT NULL"  # noqa: S608 - constants


def our_session() -> str:
    """The name of this thread's database session."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_NAME} FROM pg_stat_activity WHERE pid = pg_backend_pid()")  # noqa: S608
        (name,) = cursor.fetchone()
    return str(name)


def live_sessions() -> RawSQL:
    """An expression for the names of all sessions. It is read after the rows, so it misses no new session."""
    return RawSQL(_LIVE, ())  # noqa: S611 - constants

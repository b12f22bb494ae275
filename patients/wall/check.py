"""Before a process serves anybody: can whoever it signs in to the database as do more than it needs?"""

import sys
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import OperationalError, connection

from patients.wall.roles import APP, OWNER, SWEEPS, Role

# The first that is true is told.
TOO_MUCH = """
    SELECT r.rolname::text, (ARRAY_REMOVE(ARRAY[
      CASE WHEN r.rolsuper THEN 'is a superuser' END,
      CASE WHEN r.rolbypassrls THEN 'sees every row, whosever it is' END,
      CASE WHEN r.rolcreaterole OR r.rolcreatedb OR r.rolreplication THEN 'may make roles or databases' END,
      CASE WHEN EXISTS (SELECT FROM tables WHERE pg_has_role(owner, 'MEMBER')) THEN 'owns tables' END,
      CASE WHEN EXISTS (SELECT FROM tables WHERE has_table_privilege(oid, 'TRUNCATE')) THEN 'may empty tables' END,
      CASE WHEN EXISTS (SELECT FROM tables WHERE only_added AND
        (has_any_column_privilege(oid, 'UPDATE') OR has_table_privilege(oid, 'DELETE')))
        THEN 'may change what is only ever added' END,
      CASE WHEN has_parameter_privilege('session_replication_role', 'SET') THEN 'may turn triggers off' END,
      CASE WHEN EXISTS (SELECT FROM pg_roles o WHERE o.rolname = ANY(%s) AND o.rolname <> r.rolname
        AND pg_has_role(o.oid, 'MEMBER')) THEN 'may become another role' END
    ], NULL))[1]
    FROM pg_roles r WHERE r.rolname = current_user
"""
TABLES = """
    WITH tables AS (
      SELECT c.oid, c.relowner AS owner,
        EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = c.relname || '_append_only')
        AS only_added
      FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    )
"""


def too_strong(role: Role) -> str:
    """Why this process must not serve with the role it signed in as, in one sentence; empty: it may."""
    others = [other.name for other in (OWNER, APP, SWEEPS) if other is not role]
    with connection.cursor() as cursor:
        cursor.execute(TABLES + TOO_MUCH, [others])
        name, why = cursor.fetchone()
    if not why:
        return ""
    return (
        f"DATABASE_URL signs in as {name}, who {why}: sign in as {role.name}, as docs/runbook.md says"
        " under “Roles of the database”; nothing is served before that."
    )


def _asked(role: Role) -> str:
    try:
        return too_strong(role)
    except OperationalError:
        return ""
    finally:
        connection.close()


def refuse_too_strong(role: Role) -> None:
    """End the process when its role can do more than it needs. One that is away is not waited for."""
    if settings.DEBUG:
        return
    # In a thread: the event stream's process may have its loop running already.
    with ThreadPoolExecutor(1) as thread:
        refused = thread.submit(_asked, role).result()
    if refused:
        sys.stderr.write(f"{refused}\n")
        raise SystemExit(1)

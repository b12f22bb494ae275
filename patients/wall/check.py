"""Checks at the start of a process that its database role can do no more than it needs."""

import sys
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import OperationalError, connection

from patients.wall.roles import APP, OWNER, SWEEPS, Role

# Returns the first reason that is true.
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
    """Return in one sentence why this process must not serve with its database role; empty when it may."""
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
    """End the process when its role can do more than it needs; goes on when the database is down, or in DEBUG."""
    if settings.DEBUG:
        return
    # In a thread, because the event stream's process may already run its event loop.
    with ThreadPoolExecutor(1) as thread:
        refused = thread.submit(_asked, role).result()
    if refused:
        sys.stderr.write(f"{refused}\n")
        raise SystemExit(1)

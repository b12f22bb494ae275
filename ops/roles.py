"""Makes the roles of the database (patients.wall.roles), and builds the address with which each signs in."""

import hashlib
import hmac
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg2
from psycopg2 import sql

from ops.child import Failure
from patients.wall import signing
from patients.wall.functions import SPOKEN
from patients.wall.policies import protect
from patients.wall.roles import APP, OWNER, ROLES, SERVING, SWEEPS, Role, grant

# Roles belong to the whole server, so two installations that start at the same moment take turns.
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('kypho roles'))"
AS_IT_SHOULD_BE = """
    SELECT rolcanlogin AND NOT rolsuper AND NOT rolcreatedb AND NOT rolcreaterole AND NOT rolreplication
           AND rolbypassrls = %s FROM pg_roles WHERE rolname = %s
"""
NOT_OURS = """
    SELECT format('ALTER %s %s OWNER TO {owner}', what, name) FROM (
      SELECT 'TABLE' AS what, c.oid::regclass::text AS name, c.relowner AS owner FROM pg_class c
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
      UNION ALL SELECT 'SEQUENCE', c.oid::regclass::text, c.relowner FROM pg_class c
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'S' AND NOT EXISTS
        (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i'))
      UNION ALL SELECT 'ROUTINE', p.oid::regprocedure::text, p.proowner FROM pg_proc p
      WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS
        (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
      UNION ALL SELECT 'SCHEMA', 'public', nspowner FROM pg_namespace WHERE nspname = 'public'
      UNION ALL SELECT 'DATABASE', quote_ident(datname), datdba FROM pg_database WHERE datname = current_database()
    ) AS things WHERE owner <> '{owner}'::regrole
"""
# When other programs use up the server's connections, pages and sweeps may use the reserved ones
# (reserved_connections, since PostgreSQL 16).
MAY_USE_THEM = """
    SELECT format('GRANT pg_use_reserved_connections TO %%I', rolname) FROM pg_roles
    WHERE rolname = ANY(%s) AND NOT pg_has_role(oid, to_regrole('pg_use_reserved_connections')::oid, 'MEMBER')
"""
# Any role may see the names in the schema; no other role may create tables or temporary tables.
OPEN = """
    SELECT 'REVOKE CREATE ON SCHEMA public FROM PUBLIC' WHERE has_schema_privilege('public', 'public', 'CREATE')
    UNION ALL SELECT format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database())
    WHERE has_database_privilege('public', current_database(), 'TEMPORARY')
    UNION ALL SELECT format('GRANT USAGE ON SCHEMA public TO %I', rolname) FROM pg_roles
    WHERE rolname = ANY('{kypho_app,kypho_sweeps,kypho_read,kypho_backup}')
    AND NOT has_schema_privilege(rolname, 'public', 'USAGE')
"""
THEIRS = """
    SELECT usename::text, count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = ''
    AND backend_type = 'client backend' AND usename = ANY(%(roles)s::name[] || current_user)
    AND to_regclass('public.patients_patient') IS NOT NULL AND to_regprocedure(%(spoken)s) IS NULL
    GROUP BY 1 ORDER BY 1
"""


def make(url: str, passwords: Mapping[str, str]) -> None:
    """Make the roles, or correct them, as an administrator; raises psycopg2.Error.

    passwords: by the role's name. A role without one keeps the password it has. When an administrator has made the
    roles by hand, an account that may not make roles is enough.
    """
    with _cursor(url) as cursor:
        cursor.execute(ONE_AT_A_TIME)
        cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        (may_make,) = cursor.fetchone()
        for role in ROLES:
            name = sql.Identifier(role.name)
            cursor.execute(AS_IT_SHOULD_BE, [role.passes, role.name])
            known = cursor.fetchone()
            if known is None:
                cursor.execute(sql.SQL("CREATE ROLE {}").format(name))
            if known != (True,):
                cursor.execute(sql.SQL(f"ALTER ROLE {{}} {role.attributes}").format(name))
            if may_make and passwords.get(role.name):
                set_password(cursor, role.name, passwords[role.name])
        _keep_free(cursor)


def _keep_free(cursor: Any) -> None:
    """Let pages and sweeps use the reserved connections; skipped where this account may not grant that."""
    cursor.execute(MAY_USE_THEM, [sorted({role.name for role in SERVING.values()})])
    for (statement,) in cursor.fetchall():
        cursor.execute("SAVEPOINT given")
        try:
            cursor.execute(statement)
        except psycopg2.errors.InsufficientPrivilege:
            cursor.execute("ROLLBACK TO SAVEPOINT given")


def set_password(cursor: Any, name: str, password: str) -> None:
    """Set a role's password, as an administrator; writes nothing when the role has it already."""
    try:
        cursor.execute("SAVEPOINT asked; SELECT rolpassword FROM pg_authid WHERE rolname = %s", [name])
        (known,) = cursor.fetchone()
    except psycopg2.errors.InsufficientPrivilege:
        cursor.execute("ROLLBACK TO SAVEPOINT asked")
        known = None
    if not _is_of(known or "", password):
        change = sql.SQL("ALTER ROLE {} PASSWORD {}")
        cursor.execute(change.format(sql.Identifier(name), sql.Literal(password)))


def _is_of(verifier: str, password: str) -> bool:
    """Return whether the stored verifier fits the password (RFC 5803: SCRAM-SHA-256$rounds:salt$stored:server)."""
    found = re.fullmatch(r"SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):.+", verifier)
    if not found:
        return False
    rounds, salt, stored = found.groups()
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), b64decode(salt), int(rounds))
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return hmac.compare_digest(hashlib.sha256(client_key).digest(), b64decode(stored))


def own(url: str) -> None:
    """Make the owner's role own everything in this database, and grant the others what they need.

    As an administrator; raises psycopg2.Error.
    """
    with _cursor(url) as cursor:
        # Pages may be running: they wait for our locks for a moment, and we wait up to ten seconds for theirs.
        cursor.execute("SET LOCAL lock_timeout = '10s'")
        cursor.execute(ONE_AT_A_TIME)
        cursor.execute(NOT_OURS.format(owner=OWNER.name))
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
        cursor.execute(f"SET LOCAL ROLE {OWNER.name}")
        cursor.execute(OPEN)
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
        protect(cursor)
        grant(cursor)


def refuse_old_processes(url: str) -> None:
    """Raise Failure if processes of an older release are connected, which would see no row behind the new wall.

    As an administrator, before the wall is changed. Tools such as psql, pg_dump and monitors set an application
    name; our processes do not, which is how they are found.
    """
    with _cursor(url) as cursor:
        cursor.execute(THEIRS, {"roles": [APP.name, SWEEPS.name], "spoken": SPOKEN})
        found = [f"{count} as {name}" for name, count in cursor.fetchall()]
    if found:
        raise Failure(
            f"processes of an older release are connected ({', '.join(found)}), and would see no row behind the"
            " new wall of the database. Nothing was changed: stop them first, as docs/runbook.md says under"
            " “An update that cannot roll”, and start again"
        )


def let_sign(url: str, secret: str) -> None:
    """Give the wall the key with which pages sign the scope of a transaction; as an administrator, after own().

    secret: the SECRET_KEY that the pages are started with. Raises psycopg2.Error.
    """
    with _cursor(url) as cursor:
        cursor.execute(f"SET LOCAL ROLE {OWNER.name}")
        signing.keep(cursor, secret)


def prepare(url: str, passwords: Mapping[str, str]) -> None:
    """Set up roles, ownership and grants in a new database or in one that lacks them. Raises Failure."""
    try:
        make(url, passwords)
        own(url)
    except psycopg2.errors.InsufficientPrivilege as error:
        who = urlsplit(url).username or "nobody named"
        raise Failure(
            f"DATABASE_URL signs in as {who}, who may not make the roles of the database"
            f" ({str(error).strip().splitlines()[0]}): docs/runbook.md says how, under “Roles of the database”"
        ) from error


def said_passwords(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the passwords that the settings give, by the role's name."""
    return {role.name: environment[role.env] for role in ROLES if environment.get(role.env)}


def without_passwords(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the passwords of the roles: a server process gets only its own address."""
    return {name: value for name, value in environment.items() if name not in {role.env for role in ROLES}}


def as_role(url: str, role: Role, password: str) -> str:
    """Return the address of the same database with another role and its password."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{role.name}:{quote(password, safe='')}@{place}").geturl()


def address_of(process: str, url: str, passwords: Mapping[str, str]) -> str:
    """Return the database address of one of our processes (ops.supervisor); url: the administrator's address."""
    role = SERVING[process]
    return as_role(url, role, passwords[role.name])


@contextmanager
def _cursor(url: str) -> Iterator[Any]:
    """Yield a cursor in one transaction. Django accepts more URL schemes than libpq, so the scheme is replaced."""
    plain = urlsplit(url)._replace(scheme="postgresql").geturl()
    with closing(psycopg2.connect(plain, connect_timeout=5)) as line, line, line.cursor() as cursor:
        yield cursor

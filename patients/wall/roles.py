"""The roles of the database and their grants, which `python -m ops.prepare` sets at every start.

No server process signs in as the owner, so a faulty or attacked page can do no more than its role allows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Role:
    """A role of PostgreSQL. env: the setting with its password. passes: no row is hidden from it."""

    name: str
    words: str
    env: str
    passes: bool = False

    @property
    def attributes(self) -> str:
        """The attributes for CREATE ROLE or ALTER ROLE."""
        passes = "BYPASSRLS" if self.passes else "NOBYPASSRLS"
        return f"LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION {passes}"


OWNER = Role("kypho_owner", "owns every table: migrations, erasure", "DB_PASSWORD_OWNER", True)
APP = Role("kypho_app", "the pages and the event stream", "DB_PASSWORD_APP")
SWEEPS = Role("kypho_sweeps", "worker and watchdog: reach all clinics", "DB_PASSWORD_SWEEPS")
READ = Role("kypho_read", "figures and exports: changes nothing", "DB_PASSWORD_READ")
BACKUP = Role("kypho_backup", "pg_dump: reads everything, changes nothing", "DB_PASSWORD_BACKUP", True)
ROLES = (OWNER, APP, SWEEPS, READ, BACKUP)
# The role of each process.
SERVING = {"web": APP, "urgent": APP, "events": APP, "worker": SWEEPS, "beat": SWEEPS, "watchdog": SWEEPS}

# Django's own tables, which only migrations write.
FIXED = (
    "django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions",
    "patients_user_groups", "patients_user_user_permissions",
)  # fmt: skip
# Only the sweeps write these; they also check again what they sealed.
OF_THE_SWEEPS = ("alerts_seal", "alerts_epoch")
# The wall's own table (patients.wall.functions), which no role of a server process may read.
OF_THE_WALL = ("kypho_wall_key",)
# Tables with sessions, keys and addresses, which the role for figures may not read.
SECRET = (
    "patients_session", "patients_limituse", "config_cache", "mfa_authenticator", "alerts_webhookendpoint",
    "patients_contactmethod", "recovery_phonekey", "recovery_sealedlog",
)  # fmt: skip
USER_COLUMNS = ("id", "username", "first_name", "last_name", "is_active", "is_superuser", "date_joined")

TABLES = """
    SELECT c.relname::text, c.relkind::text,
           EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = c.relname || '_append_only')
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'S')
"""
GIVEN = """
    SELECT CASE given.grantee WHEN 0 THEN 'public' ELSE given.grantee::regrole::text END,
           given.privilege_type, given.name, given.part FROM (
      SELECT c.relname::text AS name, '' AS part, (aclexplode(c.relacl)).* FROM pg_class c
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'S')
      UNION ALL SELECT c.relname::text, a.attname::text, (aclexplode(a.attacl)).* FROM pg_attribute a
      JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace
    ) AS given
"""
GUARDED = (APP, SWEEPS, READ, BACKUP)
# (role, privilege, table or sequence, column; "" for all columns)
Grant = tuple[str, str, str, str]


class Cursor(Protocol):
    """The part of a database cursor that we use."""

    def execute(self, query: str, /) -> object:
        """Run a statement."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows of the result."""


def grant(cursor: Cursor) -> None:
    """Grant each role what it needs on every table and revoke everything else, as the owner.

    An append-only table is recognised by its trigger, so a new one is closed to changes at once. Writes nothing
    when all grants are right: a restored copy must not look as if it had been in use.
    """
    cursor.execute(TABLES)
    wanted = {one for row in cursor.fetchall() for one in _wanted(*row)}
    cursor.execute(GIVEN)
    ours = {"public", *(role.name for role in GUARDED)}
    given = {(who, what, name, part) for who, what, name, part in cursor.fetchall() if who in ours}
    for who, what, name, part in sorted(given - wanted):
        cursor.execute(f'REVOKE {what}{_part(part)} ON public."{name}" FROM {who}')
    for who, what, name, part in sorted(wanted - given):
        cursor.execute(f'GRANT {what}{_part(part)} ON public."{name}" TO {who}')


def _part(column: str) -> str:
    return f' ("{column}")' if column else ""


def _wanted(name: str, kind: str, only_added: bool) -> Iterator[Grant]:
    """Yield the grants on one table or sequence."""
    if name in OF_THE_WALL:
        may = {BACKUP: "SELECT"}
    elif kind == "S":
        # After a restore the sweeps skip numbers (alerts.integrity.epochs).
        may = {APP: "USAGE SELECT", SWEEPS: "USAGE SELECT UPDATE", BACKUP: "SELECT"}
    else:
        app, sweeps = _changes(name, only_added)
        may = {APP: app, SWEEPS: sweeps, BACKUP: "SELECT", READ: "" if name in SECRET else "SELECT"}
    if name == "patients_user":
        may[READ] = ""
        yield from ((READ.name, "SELECT", name, column) for column in USER_COLUMNS)
    yield from ((role.name, what, name, "") for role, several in may.items() for what in several.split())


def _changes(table: str, only_added: bool) -> tuple[str, str]:
    """Return the privileges of pages and of sweeps on a table."""
    if table in FIXED:
        return "SELECT", "SELECT"
    # Sealing locks the table against writers, which needs MAINTAIN; that privilege changes no row.
    sweeps = "SELECT INSERT MAINTAIN" if only_added else "SELECT INSERT UPDATE DELETE"
    if table in OF_THE_SWEEPS:
        return "SELECT", sweeps.removesuffix(" DELETE")
    return sweeps.removesuffix(" MAINTAIN"), sweeps

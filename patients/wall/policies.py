"""The row-level security policies: which rows pages may read and change, one line for each table of a clinic.

The database looks up, from who is signed in (patients.wall.scope), at which clinics they work and which patients
they are or help. These are the same rules as in patients.scoping, and a test compares the two. The sweeps' role
reaches all clinics, the role for figures and exports reads them, and no other role gets a row.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from patients.wall.functions import DOOR, HOME, IS, LOOKS, PLACES, REACH, USER, WORKS, entering, key
from patients.wall.roles import APP, FIXED, READ, SWEEPS, Cursor

READ_ALONE = "SELECT"
ALL = "SELECT INSERT UPDATE DELETE"
ADDED = "SELECT INSERT"
KEPT = "SELECT INSERT UPDATE"

# Doors, which work before a person is known: what each is for, and what it may do with which table. A door only
# finds out who the person is; changes to a log or an alert then run on behalf of the patient or colleague it
# found (scope.also).
_PEOPLE = {
    "patients_clinic": READ_ALONE,
    "patients_patient": "SELECT UPDATE",
    "patients_caregiver": "SELECT UPDATE",
    "patients_consent": ADDED,
    "patients_staff": READ_ALONE,
    "mfa_authenticator": "SELECT UPDATE",
}
DOORS: dict[str, tuple[str, dict[str, str]]] = {
    "sign-in": ("who somebody is, before they are signed in", _PEOPLE),
    "card": ("whose sign-in card it is, by the secret on it", _PEOPLE),
    "sms": (
        "receipts, texts and calls of the provider, proved by its signature",
        {
            "patients_clinic": READ_ALONE,
            "patients_patient": READ_ALONE,
            "patients_caregiver": READ_ALONE,
            "patients_procedure": READ_ALONE,
            "patients_staff": READ_ALONE,
            "alerts_alert": "SELECT UPDATE",
            "alerts_alertevent": ADDED,
            "alerts_delivery": KEPT,
            "alerts_smsreply": ADDED,
        },
    ),
    "sealed": (
        "envelopes of phones, proved by the phone's key",
        {
            "patients_clinic": READ_ALONE,
            "patients_patient": READ_ALONE,
            "patients_caregiver": READ_ALONE,
        },
    ),
    "calendar": ("whose calendar it is, by the secret in its address", {"patients_calendarfeed": READ_ALONE}),
}
# These doors read everything and change nothing.
READING_DOORS = {
    "metrics": "figures for the operator's monitoring",
    "status": "promises kept or broken, in all clinics",
    "keys": "under which keys secrets lie, before a process serves anybody",
}

_NUMBERS = {name: number for number, name in enumerate((*DOORS, *READING_DOORS), 1)}


@dataclass(frozen=True)
class Rows:
    """Who may use the rows of a table, as SQL.

    staff: keys for staff of the clinic, who may do everything. theirs: keys for the patient and their helpers.
    may: what these may do (sending a log adds rows, the clinic's settings they only read). looks, theirs_look: SQL
    conditions for rows that no key of their own identifies.
    """

    staff: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()
    may: str = READ_ALONE
    looks: str = ""
    theirs_look: str = ""

    def opened(self, command: str, doors: Iterable[str]) -> str:
        """Return the SQL condition for a command, written so that PostgreSQL expects nearly all rows to pass."""
        theirs = command in self.may.split()
        keys = (*(self.theirs if theirs else ()), *self.staff, *(key(_NUMBERS[door], DOOR) for door in doors))
        parts = [f"ARRAY[{', '.join(keys)}] && {REACH}"] if keys else []
        look = self.theirs_look if theirs and self.theirs_look else self.looks
        words = " OR ".join([*parts, *([look] if look else [])])
        # Pages ask only for rows they may see, so plans should be as without a wall. PostgreSQL expects this form
        # of condition to pass 995 of 1,000 rows.
        return f"NULLIF({words or 'false'}, false) IS NOT UNKNOWN"


def _clinic(column: str = "clinic_id", may: str = READ_ALONE) -> Rows:
    """Rows of a clinic. Its patients may read them, since a log needs the clinic's plan and the people on call."""
    return Rows((key(column, WORKS),), (key(column, HOME),), may)


def _patient(may: str = READ_ALONE) -> Rows:
    return Rows((), (key("patient_id", IS),), may, "public.kypho_sees_patient(patient_id)")


def _with(what: str, may: str = READ_ALONE) -> Rows:
    """Rows that are visible to those who see the row they belong to."""
    staff, theirs = (f"public.kypho_sees_{what}({what}_id, {word})" for word in ("false", "true"))
    return Rows((), (), may, staff, theirs)


def _staff_alone(rows: Rows) -> Rows:
    return Rows(rows.staff, may="", looks=rows.looks)


_COLLEAGUE = f"""EXISTS (SELECT FROM public.patients_staff s
    WHERE s.id = person_id AND {key("s.clinic_id", WORKS)} = ANY({REACH}::bigint[]))"""
RULES: dict[str, Rows] = {
    "patients_clinic": _clinic("id"),
    # Saving a log locks its patient's row, which needs UPDATE.
    "patients_patient": Rows((key("clinic_id", WORKS),), (key("id", IS),), "SELECT UPDATE"),
    "patients_medicallead": _clinic(),
    "patients_job": _staff_alone(_clinic()),
    "patients_patientsheet": _staff_alone(_clinic()),
    "patients_sheetrow": _staff_alone(_clinic()),
    "patients_sheetcolumns": _staff_alone(_clinic()),
    "patients_factorrescue": Rows(may="", looks=_COLLEAGUE),
    "patients_procedure": _patient("SELECT UPDATE"),
    "patients_clinicoverride": _with("procedure"),
    "patients_consent": _patient(KEPT),
    "patients_hospitalstay": _patient(KEPT),
    "patients_callback": _patient(),
    "patients_travel": _patient(KEPT),
    "patients_helperturn": _patient(KEPT),
    "patients_calendarfeed": Rows((), (key("user_id", USER),), KEPT, "public.kypho_sees_patient(patient_id)"),
    "patients_caregiver": Rows(
        (), (key("patient_id", IS), key("user_id", USER)), KEPT, "public.kypho_sees_patient(patient_id)"
    ),
    "patients_accessevent": _patient(ADDED),
    "alerts_alert": Rows((key("clinic_id", WORKS),), (key("patient_id", IS),), KEPT),
    "alerts_alertsign": _patient(KEPT),
    "alerts_alertevent": _with("alert", ADDED),
    # Deliveries without a clinic are codes and tests of a person's own address or browser.
    "alerts_delivery": Rows(
        (key("clinic_id", WORKS),),
        may=KEPT,
        looks="(clinic_id IS NULL AND public.kypho_is_theirs(recipient))",
        theirs_look="public.kypho_tells_of(alert_id, clinic_id)"
        " OR (clinic_id IS NULL AND public.kypho_is_theirs(recipient))",
    ),
    "alerts_deliveryaction": _staff_alone(_with("delivery")),
    "alerts_digest": _staff_alone(_clinic()),
    "alerts_epochcheck": _staff_alone(_clinic()),
    "alerts_escalationpolicy": _clinic(),
    "alerts_escalationpolicychange": _staff_alone(_with("policy")),
    "alerts_escalationstep": _with("policy"),
    "alerts_handovernote": _staff_alone(_clinic()),
    "alerts_oncallchange": _staff_alone(_clinic()),
    "alerts_oncallshift": _clinic(),
    "alerts_shiftswap": _staff_alone(_clinic()),
    "alerts_setaside": _staff_alone(_clinic()),
    "alerts_smsreply": _staff_alone(_with("alert")),
    "alerts_webhookendpoint": _clinic(),
    "recovery_assessment": _patient(ADDED),
    "recovery_calendarentry": _with("procedure", KEPT),
    "recovery_caremessage": _patient(),
    "recovery_caremessageread": _patient(ADDED),
    "recovery_clinicsetting": _clinic(),
    "recovery_dailylog": _patient(KEPT),
    "recovery_milestone": _with("procedure", KEPT),
    "recovery_patientcontact": _patient(),
    "recovery_phonecount": _patient(KEPT),
    "recovery_reminder": _with("procedure", KEPT),
    "recovery_sealedlog": _patient(KEPT),
    # A second factor belongs to its user; for one minute also to the colleague who confirmed a way back.
    "mfa_authenticator": Rows(
        theirs=(key("user_id", USER),), may=ALL, looks="public.kypho_gives_way_back(user_id)"
    ),
    # All may read who works where, because that is how staff are recognised; only the clinic may change it.
    "patients_staff": _staff_alone(_clinic()),
}
# What must also hold after a change: patients cannot move themselves to another clinic, and a helper cannot turn
# their right into one for another patient.
BECOMES = {
    "patients_patient": f"ARRAY[{key('clinic_id', WORKS)}, {key('clinic_id', HOME)}] && {REACH}",
    "patients_caregiver": f"{key('patient_id', IS)} = ANY({REACH}::bigint[])"
    " OR public.kypho_sees_patient(patient_id)",
    "patients_calendarfeed": f"{key('patient_id', IS)} = ANY({REACH}::bigint[])"
    " OR public.kypho_sees_patient(patient_id)",
}
READ_BY_ALL = {"patients_staff"}
_LIBRARY = "the libraries' own: sign-in, sessions, limits, migrations"
# Tables that belong to no clinic: who people are, how they sign in, and the product's own notes.
OPEN = {
    **dict.fromkeys(FIXED, _LIBRARY),
    "kypho_wall_key": "the key of the wall, which no role reads that serves anybody",
    "config_cache": _LIBRARY,
    "account_emailaddress": _LIBRARY,
    "account_emailconfirmation": _LIBRARY,
    "patients_session": "asked before anybody is known; its name is a hash, what it keeps is locked",
    "patients_user": "somebody is looked up by address before they are anybody's",
    "patients_contactmethod": "how a member of staff is reached, whatever clinic they work at",
    "patients_limituse": "tries counted before anybody is known; its keys are hashes",
    "patients_letter": "what became of a sign-in code",
    "patients_stoppednumber": "numbers, kept apart from people",
    "recovery_phonekey": "the public key of a phone, by which it is known",
    "patients_trailevent": "sign-ins, also of nobody we know, and of somebody just signed out",
    "patients_trailposition": "how far the trail has left this machine",
    "patients_installation": "demo or real",
    "alerts_canaryrun": "rounds of the made-up patient",
    "alerts_epoch": "lives of the whole database",
    "alerts_processbeat": "signs of life of our processes",
    "alerts_seal": "hashes",
}

# Policies and functions of earlier releases, which are dropped.
OLD_NAMES = ("pages", "looks")
OLD_FUNCTIONS = (
    "ids(text)", "door()", "sees_procedure(bigint)", "sees_clinic(bigint)",
    "sees_alert(bigint)", "sees_policy(bigint)", "sees_delivery(bigint)",
)  # fmt: skip
GONE = "".join(f"DROP FUNCTION IF EXISTS public.kypho_{name}; " for name in OLD_FUNCTIONS)
MARK = "SELECT obj_description(to_regprocedure('public.kypho_user()'), 'pg_proc')"
PRESENT = """
    SELECT c.relname::text FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
"""
PROTECTED = f"{PRESENT} AND c.relrowsecurity AND c.relforcerowsecurity"


def protect(cursor: Cursor) -> None:
    """Create or update the policies, as the owner; writes nothing when they are up to date."""
    cursor.execute(PRESENT)
    present = {name for (name,) in cursor.fetchall()}
    # Before the first migration, or with a very old backup, these tables do not exist yet.
    if "patients_patient" not in present or "patients_caregiver" not in present:
        return
    tables = sorted(RULES.keys() & present)
    statements = [PLACES, entering(_NUMBERS), LOOKS, *(one for table in tables for one in _policies(table)), GONE]
    mark = hashlib.sha256("\n".join(statements).encode()).hexdigest()
    cursor.execute(MARK)
    known = [value for (value,) in cursor.fetchall()]
    cursor.execute(PROTECTED)
    if known == [mark] and {name for (name,) in cursor.fetchall()} >= RULES.keys() & present:
        return
    for statement in [*statements, f"COMMENT ON FUNCTION public.kypho_user() IS '{mark}'"]:
        cursor.execute(statement)


def _policies(table: str) -> Iterator[str]:
    """Yield the statements that replace a table's policies; in one transaction, so that they never lack."""
    place = f"public.{table}"
    yield f"ALTER TABLE {place} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {place} FORCE ROW LEVEL SECURITY"
    yield "".join(f"DROP POLICY IF EXISTS {name} ON {place}; " for name in OLD_NAMES)
    for command in ALL.split():
        doors = [name for name, (_, tables) in DOORS.items() if command in tables.get(table, "").split()]
        doors += READING_DOORS if command == "SELECT" else ()
        rule = RULES[table].opened(command, doors)
        seen = "true" if command == "SELECT" and table in READ_BY_ALL else rule
        becomes = f"({rule}) AND ({_becomes(table, doors)})" if table in BECOMES else rule
        using = "" if command == "INSERT" else f" USING ({seen})"
        check = f" WITH CHECK ({becomes})" if command in ("INSERT", "UPDATE") else ""
        yield _policy(f"pages_{command.lower()}", place, f"FOR {command} TO {APP.name}{using}{check}")
    yield _policy("sweeps", place, f"FOR ALL TO {SWEEPS.name} USING (true)")
    yield _policy("figures", place, f"FOR SELECT TO {READ.name} USING (true)")


def _becomes(table: str, doors: list[str]) -> str:
    opened = "".join(f" OR {key(_NUMBERS[door], DOOR)} = ANY({REACH}::bigint[])" for door in doors)
    return BECOMES[table] + opened


def _policy(name: str, place: str, words: str) -> str:
    return f"DROP POLICY IF EXISTS {name} ON {place}; CREATE POLICY {name} ON {place} {words}"

"""Whose rows the role of the pages may see and change: one line for every table that belongs to a clinic.

The database works out by itself, from who is signed in (patients.wall.scope), at which clinics they work and whom
they answer for; the same as patients.scoping, and a test holds the two together. Sweeps reach all clinics,
figures and exports read them; nobody else gets a row.
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

# Ways in that are nobody's errand: what each is for, and what it may do with which table. Who somebody is, is
# found there; what is then done with a log or an alert is done for the patient or colleague found (scope.also).
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
        "receipts and texts of the provider, proved by its signature",
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
}
# These change nothing, and look at everything.
READING_DOORS = {
    "metrics": "figures for the operator's monitoring",
    "status": "promises kept or broken, in all clinics",
    "keys": "under which keys secrets lie, before a process serves anybody",
}

_NUMBERS = {name: number for number, name in enumerate((*DOORS, *READING_DOORS), 1)}


@dataclass(frozen=True)
class Rows:
    """Whose rows a table holds, as SQL. staff: keys of whoever works at the clinic, and may do anything.

    theirs: keys of whoever is that patient, or helps them now; may: what these may do. A log makes rows, so they
    may add some; what a clinic has settled they read. looks, theirs_look: where no key of the row's own tells it.
    """

    staff: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()
    may: str = READ_ALONE
    looks: str = ""
    theirs_look: str = ""

    def opened(self, command: str, doors: Iterable[str]) -> str:
        """Whether a command may have the row, said so that PostgreSQL expects nearly all rows to be."""
        theirs = command in self.may.split()
        keys = (*(self.theirs if theirs else ()), *self.staff, *(key(_NUMBERS[door], DOOR) for door in doors))
        parts = [f"ARRAY[{', '.join(keys)}] && {REACH}"] if keys else []
        look = self.theirs_look if theirs and self.theirs_look else self.looks
        words = " OR ".join([*parts, *([look] if look else [])])
        # A page asks for what it may see: plans are made as if there were no wall (of 995 rows in 1,000).
        return f"NULLIF({words or 'false'}, false) IS NOT UNKNOWN"


def _clinic(column: str = "clinic_id", may: str = READ_ALONE) -> Rows:
    """A log needs its clinic's plan and the people on call."""
    return Rows((key(column, WORKS),), (key(column, HOME),), may)


def _patient(may: str = READ_ALONE) -> Rows:
    return Rows((), (key("patient_id", IS),), may, "public.kypho_sees_patient(patient_id)")


def _with(what: str, may: str = READ_ALONE) -> Rows:
    """Whoever sees that row sees this one."""
    staff, theirs = (f"public.kypho_sees_{what}({what}_id, {word})" for word in ("false", "true"))
    return Rows((), (), may, staff, theirs)


def _staff_alone(rows: Rows) -> Rows:
    return Rows(rows.staff, may="", looks=rows.looks)


_COLLEAGUE = f"""EXISTS (SELECT FROM public.patients_staff s
    WHERE s.id = person_id AND {key("s.clinic_id", WORKS)} = ANY({REACH}::bigint[]))"""
RULES: dict[str, Rows] = {
    "patients_clinic": _clinic("id"),
    # A log locks its patient's row.
    "patients_patient": Rows((key("clinic_id", WORKS),), (key("id", IS),), "SELECT UPDATE"),
    "patients_medicallead": _clinic(),
    "patients_factorrescue": Rows(may="", looks=_COLLEAGUE),
    "patients_procedure": _patient("SELECT UPDATE"),
    "patients_clinicoverride": _with("procedure"),
    "patients_consent": _patient(KEPT),
    "patients_hospitalstay": _patient(KEPT),
    "patients_callback": _patient(),
    "patients_caregiver": Rows(
        (), (key("patient_id", IS), key("user_id", USER)), KEPT, "public.kypho_sees_patient(patient_id)"
    ),
    "patients_accessevent": _patient(ADDED),
    "alerts_alert": Rows((key("clinic_id", WORKS),), (key("patient_id", IS),), KEPT),
    "alerts_alertsign": _patient(KEPT),
    "alerts_alertevent": _with("alert", ADDED),
    # Without a clinic: codes that prove the address of a member of staff.
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
    "recovery_clinicsetting": _clinic(),
    "recovery_dailylog": _patient(KEPT),
    "recovery_milestone": _with("procedure", KEPT),
    "recovery_patientcontact": _patient(),
    "recovery_phonecount": _patient(KEPT),
    "recovery_reminder": _with("procedure", KEPT),
    "recovery_sealedlog": _patient(KEPT),
    # A second factor is its person's; and for a moment whoever's who gives them a way back.
    "mfa_authenticator": Rows(
        theirs=(key("user_id", USER),), may=ALL, looks="public.kypho_gives_way_back(user_id)"
    ),
    # Who works where is how somebody is known at all: everybody's to read, the clinic's to change.
    "patients_staff": _staff_alone(_clinic()),
}
# What a row must be beside that after somebody changed it: nobody takes themselves to another clinic, and a helper
# makes nobody else's helper of their row.
BECOMES = {
    "patients_patient": f"ARRAY[{key('clinic_id', WORKS)}, {key('clinic_id', HOME)}] && {REACH}",
    "patients_caregiver": f"{key('patient_id', IS)} = ANY({REACH}::bigint[])"
    " OR public.kypho_sees_patient(patient_id)",
}
READ_BY_ALL = {"patients_staff"}
_LIBRARY = "the libraries' own: sign-in, sessions, limits, migrations"
# No clinic's: who people are and how they sign in, and the machinery's own notes.
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

# Of releases before.
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
    """Put the wall up, or in its newest form; as the owner. Nothing is written when it stands already."""
    cursor.execute(PRESENT)
    present = {name for (name,) in cursor.fetchall()}
    # Before the first migration, and in the middle of a very old dump, there is nothing to protect.
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
    """Off and on again in one transaction: nobody ever finds the table without them."""
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

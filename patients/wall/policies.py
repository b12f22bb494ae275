"""Whose rows the role of the pages may see and change: one line for every table that belongs to a clinic.

The database works out by itself, from who is signed in (patients.wall.scope), at which clinics they work and whom
they answer for; the same as patients.scoping, and a test holds the two together. Sweeps reach all clinics,
figures and exports read them; nobody else gets a row.
"""

import hashlib
from collections.abc import Iterable, Iterator

from patients.wall.roles import APP, FIXED, READ, SWEEPS, Cursor

# Ways in that are nobody's errand, each with what it is for. The first open onto people alone: no log, no alert.
# The second make logs and alerts, and are proved by a signature or a key. The last change nothing.
SIGN_IN_DOORS = {
    "sign-in": "who somebody is, before they are signed in",
    "card": "whose sign-in card it is, by the secret on it",
}
WORKING_DOORS = {
    "sms": "receipts and texts of the provider, proved by its signature",
    "sealed": "envelopes of phones, proved by the phone's key, and their opening",
}
READING_DOORS = {
    "metrics": "figures for the operator's monitoring",
    "status": "promises kept or broken, in all clinics",
}

# kypho_enter is called at the beginning of a transaction; the database looks up what that person reaches, and
# forgets it when the transaction ends. A connection keeps the plans of these functions.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION public.kypho_enter(who bigint, door text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  clinics bigint[];
  patients bigint[];
  homes bigint[];
BEGIN
  SELECT array_agg(s.clinic_id) INTO clinics FROM public.patients_staff s
  JOIN public.patients_user u ON u.id = s.user_id WHERE s.user_id = who AND s.active AND u.is_active;
  SELECT array_agg(theirs.id), array_agg(theirs.clinic_id) INTO patients, homes FROM (
    SELECT p.id, p.clinic_id FROM public.patients_patient p WHERE p.user_id = who
    UNION ALL SELECT p.id, p.clinic_id FROM public.patients_caregiver c
    JOIN public.patients_patient p ON p.id = c.patient_id
    WHERE c.user_id = who AND c.removed_at IS NULL
    AND (c.expires_at IS NULL OR c.expires_at > statement_timestamp())
  ) AS theirs;
  PERFORM set_config('kypho.user', CASE WHEN who = 0 THEN '' ELSE who::text END, true),
    set_config('kypho.door', door, true),
    set_config('kypho.clinics', COALESCE(clinics::text, ''), true),
    set_config('kypho.patients', COALESCE(patients::text, ''), true),
    set_config('kypho.homes', COALESCE(homes::text, ''), true);
END $$;
CREATE OR REPLACE FUNCTION public.kypho_ids(name text) RETURNS bigint[] LANGUAGE sql STABLE AS $$
  SELECT NULLIF(current_setting('kypho.' || name, true), '')::bigint[]
$$;
CREATE OR REPLACE FUNCTION public.kypho_door() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT COALESCE(current_setting('kypho.door', true), '')
$$;
CREATE OR REPLACE FUNCTION public.kypho_sees_patient(which bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN which = ANY(public.kypho_ids('patients')) OR EXISTS (SELECT FROM public.patients_patient p
    WHERE p.id = which AND p.clinic_id = ANY(public.kypho_ids('clinics')));
END $$;
CREATE OR REPLACE FUNCTION public.kypho_sees_procedure(which bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN (SELECT public.kypho_sees_patient(p.patient_id) FROM public.patients_procedure p WHERE p.id = which);
END $$;
CREATE OR REPLACE FUNCTION public.kypho_sees_clinic(which bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT which = ANY(public.kypho_ids('clinics')) OR which = ANY(public.kypho_ids('homes'))
$$;
CREATE OR REPLACE FUNCTION public.kypho_sees_alert(which bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN (SELECT public.kypho_sees_patient(a.patient_id) FROM public.alerts_alert a WHERE a.id = which);
END $$;
CREATE OR REPLACE FUNCTION public.kypho_sees_policy(which bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN (SELECT public.kypho_sees_clinic(p.clinic_id) FROM public.alerts_escalationpolicy p WHERE p.id = which);
END $$;
CREATE OR REPLACE FUNCTION public.kypho_sees_delivery(which bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN (SELECT public.kypho_sees_clinic(d.clinic_id) FROM public.alerts_delivery d WHERE d.id = which);
END $$;
CREATE OR REPLACE FUNCTION public.kypho_is_theirs(recipient text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN EXISTS (SELECT FROM public.patients_staff s WHERE s.user_id::text = current_setting('kypho.user', true)
    AND (recipient = 'staff:' || s.id OR starts_with(recipient, 'staff:' || s.id || ':')))
  OR EXISTS (SELECT FROM public.patients_contactmethod c
    WHERE c.user_id::text = current_setting('kypho.user', true) AND recipient = 'contact:' || c.id);
END $$;
"""

WORKS_AT = "{0} = ANY((SELECT public.kypho_ids('clinics'))::bigint[])"
IS_OR_HELPS = "{0} = ANY((SELECT public.kypho_ids('patients'))::bigint[])"


def _clinic(column: str = "clinic_id") -> str:
    """Who works there; and whoever is cared for there, for their log needs its plan and the people on call."""
    return f"public.kypho_sees_clinic({column})"


def _patient(column: str = "patient_id") -> str:
    return f"{IS_OR_HELPS.format(column)} OR public.kypho_sees_patient({column})"


def _colleague(column: str) -> str:
    """Whoever works at the clinic of that member of staff."""
    its = f"SELECT FROM public.patients_staff s WHERE s.id = {column} AND {WORKS_AT.format('s.clinic_id')}"
    return f"EXISTS ({its})"


def _with(what: str, column: str) -> str:
    """Whoever sees that row sees this one."""
    return f"public.kypho_sees_{what}({column})"


RULES: dict[str, str] = {
    "patients_clinic": _clinic("id"),
    "patients_patient": f"{WORKS_AT.format('clinic_id')} OR {IS_OR_HELPS.format('id')}",
    "patients_medicallead": _clinic(),
    "patients_factorrescue": _colleague("person_id"),
    "patients_procedure": _patient(),
    "patients_clinicoverride": _with("procedure", "procedure_id"),
    "patients_consent": _patient(),
    "patients_hospitalstay": _patient(),
    "patients_callback": _patient(),
    "patients_caregiver": f"user_id::text = current_setting('kypho.user', true) OR {_patient()}",
    "patients_accessevent": _patient(),
    "alerts_alert": f"{WORKS_AT.format('clinic_id')} OR {IS_OR_HELPS.format('patient_id')}",
    "alerts_alertsign": _patient(),
    "alerts_alertevent": _with("alert", "alert_id"),
    # Without a clinic: codes that prove the address of a member of staff.
    "alerts_delivery": f"{_clinic()} OR (clinic_id IS NULL AND public.kypho_is_theirs(recipient))",
    "alerts_deliveryaction": _with("delivery", "delivery_id"),
    "alerts_digest": _clinic(),
    "alerts_epochcheck": _clinic(),
    "alerts_escalationpolicy": _clinic(),
    "alerts_escalationpolicychange": _with("policy", "policy_id"),
    "alerts_escalationstep": _with("policy", "policy_id"),
    "alerts_handovernote": _clinic(),
    "alerts_oncallchange": _clinic(),
    "alerts_oncallshift": _clinic(),
    "alerts_shiftswap": _clinic(),
    "alerts_setaside": WORKS_AT.format("clinic_id"),
    "alerts_smsreply": _with("alert", "alert_id"),
    "alerts_webhookendpoint": _clinic(),
    "recovery_assessment": _patient(),
    "recovery_clinicsetting": _clinic(),
    "recovery_dailylog": _patient(),
    "recovery_milestone": _with("procedure", "procedure_id"),
    "recovery_patientcontact": _patient(),
    "recovery_phonecount": _patient(),
    "recovery_reminder": _with("procedure", "procedure_id"),
    "recovery_sealedlog": _patient(),
    # Who works where is how somebody is known at all: everybody's to read, the clinic's to change.
    "patients_staff": _clinic(),
}
READ_BY_ALL = {"patients_staff"}
PEOPLE = {"patients_clinic", "patients_patient", "patients_caregiver", "patients_consent", "patients_staff"}
_LIBRARY = "the libraries' own: sign-in, sessions, limits, migrations"
# No clinic's: who people are and how they sign in, and the machinery's own notes.
OPEN = {
    **dict.fromkeys(FIXED, _LIBRARY),
    "config_cache": _LIBRARY,
    "mfa_authenticator": _LIBRARY,
    "account_emailaddress": _LIBRARY,
    "account_emailconfirmation": _LIBRARY,
    "patients_session": "asked before anybody is known; its name is a hash, what it keeps is locked",
    "patients_user": "somebody is looked up by address before they are anybody's",
    "patients_contactmethod": "how a member of staff is reached, whatever clinic they work at",
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

MARK = "SELECT obj_description(to_regprocedure('public.kypho_door()'), 'pg_proc')"
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
    statements = [FUNCTIONS, *(one for table in sorted(RULES.keys() & present) for one in _policies(table))]
    mark = hashlib.sha256("\n".join(statements).encode()).hexdigest()
    cursor.execute(MARK)
    known = [value for (value,) in cursor.fetchall()]
    cursor.execute(PROTECTED)
    if known == [mark] and {name for (name,) in cursor.fetchall()} >= RULES.keys() & present:
        return
    for statement in [*statements, f"COMMENT ON FUNCTION public.kypho_door() IS '{mark}'"]:
        cursor.execute(statement)


def _policies(table: str) -> Iterator[str]:
    """Off and on again in one transaction: nobody ever finds the table without them."""
    place = f"public.{table}"
    yield f"ALTER TABLE {place} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {place} FORCE ROW LEVEL SECURITY"
    doors = [*WORKING_DOORS, *(SIGN_IN_DOORS if table in PEOPLE else ())]
    reads = "true" if table in READ_BY_ALL else _through(READING_DOORS)
    for name, what, role, rule in (
        ("pages", "ALL", APP.name, f"{RULES[table]} OR {_through(doors)}"),
        ("looks", "SELECT", APP.name, reads),
        ("sweeps", "ALL", SWEEPS.name, "true"),
        ("figures", "SELECT", READ.name, "true"),
    ):
        yield f"DROP POLICY IF EXISTS {name} ON {place}"
        yield f"CREATE POLICY {name} ON {place} FOR {what} TO {role} USING ({rule})"


def _through(doors: Iterable[str]) -> str:
    return f"public.kypho_door() IN ({', '.join(repr(door) for door in doors)})"

"""The SQL functions that the policies use (patients.wall.policies).

Each transaction begins with kypho_enter and our signature over the name of that transaction
(patients.wall.signing). It looks up what the person may reach, and seals the result for this transaction; a
result that other code writes in its place is ignored. No scope stays on the connection, which the next moment
may serve another person (docs/howto/pgbouncer.md). The connection does cache the plans of these functions and
the secret in them: kypho_wall_keys is IMMUTABLE, since the secret does not change while a connection lives.

What a person may reach is one list of keys. A key is a number made of an id (of a clinic, a patient, ...) and
its kind; each row says which keys open it. The list is cheap to plan and is computed once for all rows.
"""

from collections.abc import Iterable

from patients.wall.signing import PLACE

# The function that pages call. Pages of a release that calls another one would see no row.
SPOKEN = "public.kypho_enter(bigint, text, bigint, text)"
# Kinds of keys: works at that clinic; is that patient or their helper; is cared for at that clinic; came by that
# door; is that user.
WORKS, IS, HOME, DOOR, USER = 1, 2, 3, 4, 5
KINDS = 8
REACH = "(SELECT public.kypho_reach())"


def key(column: str | int, kind: int) -> str:
    """Return the SQL of a key that opens a row."""
    return f"{column} * {KINDS}::bigint + {kind}"


PLACES = """
CREATE TABLE IF NOT EXISTS public.kypho_wall_key (inner_pad bytea NOT NULL, outer_pad bytea NOT NULL);
"""
# The two texts begin with different words, so that a signature cannot be used as a seal, or a seal as a signature.
_SIGNED = "encode(sha256(pads[2] || sha256(pads[1] || convert_to({0}, 'UTF8'))), 'hex')"
_SEALED = (
    "encode(sha256(pads[2] || sha256(pads[1] || convert_to('scope ' || {0}, 'UTF8')"
    " || int4send(pg_backend_pid()) || timestamptz_send(transaction_timestamp()))), 'hex')"
)

_ENTERING = f"""
DROP FUNCTION IF EXISTS public.kypho_enter(bigint, text);
DROP FUNCTION IF EXISTS public.kypho_enter(bigint, text, bigint, bigint, text);
DROP FUNCTION IF EXISTS public.kypho_hello();
DROP SEQUENCE IF EXISTS public.kypho_wall_turn;
CREATE OR REPLACE FUNCTION public.kypho_wall_keys() RETURNS bytea[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY[inner_pad, outer_pad] FROM public.kypho_wall_key
$$;
CREATE OR REPLACE FUNCTION public.kypho_enter(who bigint, door text, patient bigint, signature text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  pads bytea[] := public.kypho_wall_keys();
  reach bigint[];
  said text := '';
BEGIN
  IF (signature = {_SIGNED.format(f"'enter ' || {PLACE} || ' ' || who || ' ' || patient || ' ' || door")}
  ) IS NOT TRUE THEN
    RAISE insufficient_privilege USING MESSAGE = 'for whom this transaction works was not said by the product';
  END IF;
  IF who <> 0 OR patient <> 0 THEN
    SELECT array_agg(keys.opens) INTO reach FROM (
      SELECT {key("s.clinic_id", WORKS)} FROM public.patients_staff s
      JOIN public.patients_user u ON u.id = s.user_id WHERE s.user_id = who AND s.active AND u.is_active
      UNION ALL SELECT unnest(ARRAY[{key("p.id", IS)}, {key("p.clinic_id", HOME)}])
      FROM public.patients_patient p WHERE p.user_id = who
      UNION ALL SELECT unnest(ARRAY[{key("p.id", IS)}, {key("p.clinic_id", HOME)}])
      FROM public.patients_patient p WHERE p.id = patient
      UNION ALL SELECT unnest(ARRAY[{key("p.id", IS)}, {key("p.clinic_id", HOME)}])
      FROM public.patients_caregiver c JOIN public.patients_patient p ON p.id = c.patient_id
      WHERE c.user_id = who AND c.removed_at IS NULL
      AND (c.expires_at IS NULL OR c.expires_at > statement_timestamp())
    ) AS keys (opens);
  END IF;
  IF who <> 0 OR door <> '' THEN
    reach := array_remove(reach || ARRAY[NULLIF(who, 0) * {KINDS} + {USER}, CASE door @doors@ END], NULL);
  END IF;
  said := COALESCE(reach::text, '');
  PERFORM set_config('kypho.scope', {_SEALED.format("said")} || said, true);
END $$;
CREATE OR REPLACE FUNCTION public.kypho_reach() RETURNS bigint[] LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
  found text := current_setting('kypho.scope', true);
  said text := substr(found, 65);
  pads bytea[] := public.kypho_wall_keys();
BEGIN
  IF said <> '' AND left(found, 64) = {_SEALED.format("said")} THEN RETURN said::bigint[]; END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION public.kypho_user() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT k / {KINDS} FROM unnest(public.kypho_reach()) AS k WHERE k % {KINDS} = {USER});
END $$;
"""  # noqa: S608 - all of it is ours


def entering(doors: Iterable[str]) -> str:
    """Return the SQL of the functions that set the scope; doors: all names, in the order of their numbers."""
    numbers = (f"WHEN '{door}' THEN {key(number, DOOR)}" for number, door in enumerate(doors, 1))
    return _ENTERING.replace("@doors@", " ".join(numbers))


# Functions that find the owner of a row without a clinic column. They run for each row, so only when none of the
# row's own keys opens it. theirs: also for that patient and their helpers, or patients of that clinic; else only
# for staff.
LOOKS = f"""
CREATE OR REPLACE FUNCTION public.kypho_sees_patient(which bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN (SELECT {key("p.clinic_id", WORKS)} FROM public.patients_patient p WHERE p.id = which)
    = ANY(public.kypho_reach());
END $$;
CREATE OR REPLACE FUNCTION public.kypho_sees_procedure(which bigint, theirs boolean) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN (SELECT ARRAY[{key("p.clinic_id", WORKS)}, CASE WHEN theirs THEN {key("p.id", IS)} END]
    FROM public.patients_procedure o JOIN public.patients_patient p ON p.id = o.patient_id WHERE o.id = which)
    && public.kypho_reach();
END $$;
CREATE OR REPLACE FUNCTION public.kypho_sees_alert(which bigint, theirs boolean) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN (SELECT ARRAY[{key("a.clinic_id", WORKS)}, CASE WHEN theirs THEN {key("a.patient_id", IS)} END]
    FROM public.alerts_alert a WHERE a.id = which) && public.kypho_reach();
END $$;
CREATE OR REPLACE FUNCTION public.kypho_sees_policy(which bigint, theirs boolean) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN (SELECT ARRAY[{key("p.clinic_id", WORKS)}, CASE WHEN theirs THEN {key("p.clinic_id", HOME)} END]
    FROM public.alerts_escalationpolicy p WHERE p.id = which) && public.kypho_reach();
END $$;
CREATE OR REPLACE FUNCTION public.kypho_sees_delivery(which bigint, theirs boolean) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN (SELECT {key("d.clinic_id", WORKS)} FROM public.alerts_delivery d WHERE d.id = which)
    = ANY(public.kypho_reach());
END $$;
CREATE OR REPLACE FUNCTION public.kypho_tells_of(alert bigint, clinic bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN (SELECT {key("a.patient_id", IS)} FROM public.alerts_alert a WHERE a.id = alert AND a.clinic_id = clinic)
    = ANY(public.kypho_reach());
END $$;
CREATE OR REPLACE FUNCTION public.kypho_gives_way_back(whose bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN EXISTS (SELECT FROM public.patients_factorrescue f
    JOIN public.patients_staff lost ON lost.id = f.person_id
    JOIN public.patients_staff colleague ON colleague.id = f.confirmed_by_id
    WHERE lost.user_id = whose AND colleague.user_id = public.kypho_user()
    AND f.ended_at > statement_timestamp() - interval '1 minute');
END $$;
CREATE OR REPLACE FUNCTION public.kypho_is_theirs(recipient text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE who bigint := public.kypho_user();
BEGIN
  RETURN EXISTS (SELECT FROM public.patients_staff s WHERE s.user_id = who
    AND (recipient = 'staff:' || s.id OR starts_with(recipient, 'staff:' || s.id || ':')))
  OR EXISTS (SELECT FROM public.patients_contactmethod c WHERE c.user_id = who AND recipient = 'contact:' || c.id)
  OR EXISTS (SELECT FROM public.patients_patient p
    WHERE p.user_id = who AND starts_with(recipient, 'patient:' || p.id || ':'))
  OR EXISTS (SELECT FROM public.patients_caregiver c
    WHERE c.user_id = who AND starts_with(recipient, 'caregiver:' || c.id || ':'));
END $$;
"""  # noqa: S608 - all of it is ours

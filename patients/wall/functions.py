"""What the database must be able to work out for the policies (patients.wall.policies), as functions of its own.

kypho_enter is called at the beginning of a transaction, with a signature of ours over the name of this very
transaction (patients.wall.signing). It looks up what that person reaches and seals it, for this transaction: what
somebody else writes in its place counts as nothing. Nothing is left on the connection, which may be another's in
the next moment (docs/howto/pgbouncer.md). It keeps the plans of these functions, and with them the secret: that is
looked up as if it never changed, which it does not while a connection lives.

What somebody reaches is one list of keys, each the id of a clinic, patient, ... and its kind in one number; a row
says by which keys it opens. One list costs a statement's planning little, and it is worked out once for all rows.
"""

from collections.abc import Iterable

from patients.wall.signing import PLACE

# How pages speak to the wall. One of another release, where this is not there, would see no row.
SPOKEN = "public.kypho_enter(bigint, text, bigint, text)"
# Kinds of keys: works at that clinic; is or helps that patient; is cared for at that clinic; came by that door; is
# that person.
WORKS, IS, HOME, DOOR, USER = 1, 2, 3, 4, 5
KINDS = 8
REACH = "(SELECT public.kypho_reach())"


def key(column: str | int, kind: int) -> str:
    """The key that opens a row, as SQL."""
    return f"{column} * {KINDS}::bigint + {kind}"


PLACES = """
CREATE TABLE IF NOT EXISTS public.kypho_wall_key (inner_pad bytea NOT NULL, outer_pad bytea NOT NULL);
"""
# Both begin with another word: a signature of ours is no seal, and a seal is no signature.
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
    """The functions that say for whom a transaction works; doors: the names of all, by which each has a number."""
    numbers = (f"WHEN '{door}' THEN {key(number, DOOR)}" for number, door in enumerate(doors, 1))
    return _ENTERING.replace("@doors@", " ".join(numbers))


# Whose a row is that does not name its clinic. Asked row by row, so only where no key of its own opens it. theirs:
# also for whoever is or helps that patient, or is cared for at that clinic; else for staff alone.
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
  OR EXISTS (SELECT FROM public.patients_contactmethod c WHERE c.user_id = who AND recipient = 'contact:' || c.id);
END $$;
"""  # noqa: S608 - all of it is ours

"""Demo or real: what stands in the database wins over every flag and every setting."""

from django.conf import settings
from django.db import DatabaseError, ProgrammingError

from patients.clock import db_now
from patients.models import Clinic, Installation

Kind = Installation.Kind
# How the clinic of a demo is called: seed_demo's, and the only one a demo has.
DEMO_NAMES = "(demo)"
REAL_HERE = (
    "This is a real installation, and a demo opens everybody's codes to everybody: nothing was started. Start it"
    " with --no-demo (or DEMO=0), or choose another --data for a demo."
)
DEMO_HERE = (
    "This is a demo, and its passwords are public: it never becomes a real installation. Choose another --data (or"
    " DATABASE_URL), or start it as the demo it is."
)


def kind_here() -> Installation.Kind | None:
    """What stands in the database; None before its first start. Raises OperationalError when it is away."""
    try:
        found = Installation.objects.values_list("kind", flat=True).first()
    except ProgrammingError:  # no such table yet
        return None
    return Kind(found) if found else None


def against(kind: Installation.Kind | None) -> str:
    """Why these settings may not run on an installation of that kind; empty when they may."""
    if kind == Kind.REAL and settings.DEMO:
        return REAL_HERE
    return DEMO_HERE if kind == Kind.DEMO and not settings.DEMO else ""


def settle() -> str:
    """At each start, before anybody is let in: write the kind down the first time; a sentence when refused."""
    kind = kind_here()
    if kind is None:
        kind = _as_found()
        Installation.objects.get_or_create(only=True, defaults={"kind": kind, "since": db_now()})
    return against(kind_here())


def refuse_another_kind() -> None:
    """For a process that serves pages, as it starts. A database that is away, or new, is no reason to stop."""
    try:
        words = against(kind_here())
    except DatabaseError:
        return
    if words:
        raise SystemExit(words)


def _as_found() -> Installation.Kind:
    """Of an installation from before this was written down: its clinics tell; of an empty one, the settings."""
    clinics = Clinic.objects.filter(is_canary=False)
    if clinics.exclude(name__endswith=DEMO_NAMES).exists():
        return Kind.REAL
    return Kind.DEMO if settings.DEMO or clinics.exists() else Kind.REAL

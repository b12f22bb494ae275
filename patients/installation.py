"""The kind of an installation, demo or real: the database decides, not a flag or a setting."""

from django.conf import settings
from django.db import DatabaseError, ProgrammingError

from patients.clock import db_now
from patients.models import Clinic, Installation

Kind = Installation.Kind
# The name of a demo's only clinic, which seed_demo makes, ends with this.
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
    """Return the kind in the database; None before its first start. Raises OperationalError when it is down."""
    try:
        found = Installation.objects.values_list("kind", flat=True).first()
    except ProgrammingError:  # no such table yet
        return None
    return Kind(found) if found else None


def against(kind: Installation.Kind | None) -> str:
    """Return why these settings do not fit an installation of that kind; empty when they fit."""
    if kind == Kind.REAL and settings.DEMO:
        return REAL_HERE
    return DEMO_HERE if kind == Kind.DEMO and not settings.DEMO else ""


def settle() -> str:
    """At each start: write down the kind the first time; returns why this start is refused, or empty text."""
    kind = kind_here()
    if kind is None:
        kind = _as_found()
        Installation.objects.get_or_create(only=True, defaults={"kind": kind, "since": db_now()})
    return against(kind_here())


def refuse_another_kind() -> None:
    """End a starting process whose settings are of the other kind. Goes on when the database is down or new."""
    try:
        words = against(kind_here())
    except DatabaseError:
        return
    if words:
        raise SystemExit(words)


def _as_found() -> Installation.Kind:
    """Return the kind when none is written down: by the clinics, or by the settings if there are none."""
    clinics = Clinic.objects.filter(is_canary=False)
    if clinics.exclude(name__endswith=DEMO_NAMES).exists():
        return Kind.REAL
    return Kind.DEMO if settings.DEMO or clinics.exists() else Kind.REAL

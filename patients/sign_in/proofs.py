"""Decides at every request who the person is and whether their session's proofs are enough (standing).

A session holds only proofs and times: the sign-in library's records of what was shown (password, code, second
factor, passkey), the time of the sign-in, and the last click. The role is read from the database each time, and
times are by the database's clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from allauth.account import app_settings
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY as SHOWN
from allauth.account.internal.flows.login import record_authentication
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DateTimeField, Func, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from patients import scoping
from patients.models import Staff, User
from patients.prepared import Prepared

CAME_IN, LAST_CLICK = "signed_in_at", "last_click"
# After a shift staff must sign in again, however active they were.
SHIFT = timedelta(hours=12)
# How recent a proof must be before a sign-in may be ended or changed.
LATELY = timedelta(minutes=5)
# Recovery codes replace a lost factor; alone they do not count as one.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class Clock(Func):
    """The time of the database's clock, inside a statement."""

    function = "clock_timestamp"
    arity = 0
    output_field = DateTimeField()


class Lack(StrEnum):
    """Why a session is not enough; empty when it is."""

    NOTHING = ""
    SET_UP = "set_up"  # the person has no second factor yet
    PROOF = "proof"  # the session did not show enough, or the factor it showed was removed
    OLD = "old"
    IDLE = "idle"
    GONE = "gone"  # a patient or helper came in by a passkey that was removed since


@dataclass(frozen=True)
class Standing:
    """Who the person is now, and whether the session is enough for it. guarded: staff or operators."""

    staff: Staff | None = None
    guarded: bool = False
    lack: Lack = Lack.NOTHING
    now: datetime | None = None


def standing_of(user: User, session: Mapping[str, Any]) -> Standing:
    """Return the standing; one statement, two for operators and for patients or helpers with a passkey."""
    staff = next(iter(_staff_with_factors(user=user.pk)), None)
    row: Any = staff
    if staff is None and user.is_superuser:
        has = ArraySubquery(Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS).values("pk"))
        row = User.objects.filter(pk=user.pk).annotate(factors=has, now=Clock()).first()
    if row is None:
        return Standing(lack=_gone(user, session.get(SHOWN, ())))
    return Standing(staff, guarded=True, lack=_lack(session, row.factors, row.now), now=row.now)


@Prepared
def _staff_with_factors(user: int) -> QuerySet[Staff]:
    has = ArraySubquery(Authenticator.objects.filter(user=OuterRef("user"), type__in=FACTORS).values("pk"))
    return scoping.roles_of(user).annotate(factors=has, now=Clock())[:1]


def _gone(user: User, shown: Iterable[Mapping[str, Any]]) -> Lack:
    """A code was right when it was typed; a passkey is shown for as long as it is theirs."""
    records = list(shown)
    if not records or any(one.get("method") != "mfa" for one in records):
        return Lack.NOTHING
    ids = [one.get("id") for one in records]
    there = Authenticator.objects.filter(user=user, type__in=FACTORS, pk__in=ids).exists()
    return Lack.NOTHING if there else Lack.GONE


def is_guarded(user: User) -> bool:
    """Return whether this user must show two factors; for a signed-in user see their standing."""
    return user.is_superuser or scoping.roles_of(user).exists()


def of(request: HttpRequest) -> Standing:
    """Return the standing of this request's person, computed once per request; an empty one when signed out."""
    known: Standing | None = getattr(request, "standing", None)
    if known is None:
        user = request.user
        known = standing_of(user, request.session) if isinstance(user, User) else Standing()
        request.standing = known  # type: ignore[attr-defined]
    return known


def moment(seconds: float) -> datetime:
    """Return a time that a session holds in seconds as a datetime in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def staff_now(request: HttpRequest) -> Staff | None:
    """Return the active staff role of the request's person, or None."""
    return of(request).staff


def begin(session: Any, now: datetime) -> None:
    """Begin a session's times after a sign-in, and drop proofs that were shown long before it."""
    newest = max((record["at"] for record in session.get(SHOWN, ())), default=0.0)
    session[SHOWN] = [one for one in session.get(SHOWN, ()) if newest - one["at"] <= app_settings.LOGIN_TIMEOUT]
    session[CAME_IN] = int(now.timestamp())
    session.pop(LAST_CLICK, None)


def shown_lately(session: Mapping[str, Any], now: datetime) -> bool:
    """Return whether the session showed a proof within the last 5 minutes."""
    newest = max((record["at"] for record in session.get(SHOWN, ())), default=0.0)
    return bool(now.timestamp() - newest < LATELY.total_seconds())


def ask_again(request: HttpRequest) -> None:
    """Raise ReauthenticationRequired if the last proof is over 5 minutes old; the press is done afterwards."""
    if not shown_lately(request.session, timezone.now()):
        raise ReauthenticationRequired


def show_factor(request: HttpRequest, factor: Authenticator) -> None:
    """Record that this session has shown a factor by setting it up."""
    record_authentication(request, factor.user, "mfa", id=factor.pk, type=factor.type)


def _lack(session: Mapping[str, Any], factors: Iterable[int], now: datetime) -> Lack:
    seconds = now.timestamp()
    came_in = session.get(CAME_IN, seconds)
    if seconds - session.get(LAST_CLICK, came_in) > settings.STAFF_IDLE_MINUTES * 60:
        return Lack.IDLE
    if seconds - came_in > SHIFT.total_seconds():
        return Lack.OLD
    if not settings.STAFF_SECOND_FACTOR:
        return Lack.NOTHING
    return shown_too_little(session.get(SHOWN, ()), set(factors))


def shown_too_little(records: Iterable[Mapping[str, Any]], factors: set[int]) -> Lack:
    """Return what is lacking: staff need a password and a second factor, or a passkey alone.

    factors: ids of the factors the person has now. A factor that was removed meanwhile no longer counts. A
    recovery code counts while the person has any factor.
    """
    shown = list(records)
    password = any(one.get("method") == "password" for one in shown)
    if not factors:
        return Lack.SET_UP if password else Lack.PROOF
    second = [one for one in shown if one.get("method") == "mfa" and _counts(one, factors)]
    alone = any(one.get("passwordless") for one in second)
    return Lack.NOTHING if alone or (password and second) else Lack.PROOF


def _counts(record: Mapping[str, Any], factors: set[int]) -> bool:
    return record.get("type") == Authenticator.Type.RECOVERY_CODES or record.get("id") in factors


def shown_words(session: Mapping[str, Any]) -> str:
    """Return the proofs of a sign-in for the trail, such as "password, totp"."""
    words = (_word(record) for record in session.get(SHOWN, ()))
    return ", ".join(dict.fromkeys(words))


def _word(record: Mapping[str, Any]) -> str:
    if record.get("method") != "mfa":
        return str(record.get("method"))
    return "passkey" if record.get("passwordless") else str(record.get("type"))

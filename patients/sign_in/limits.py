"""Rate limits for codes, guesses, searches and exports; an attacker cannot use up the owner's tries.

Codes and guesses count by pair: the network address they come from with the sign-in address they are for. A known
browser of that person counts separately, so it can sign in whatever an attacker does; so does the holder of a
sign-in card. For all unknown browsers together there is a daily limit of wrong guesses at one sign-in address.

One statement counts a try for all its limits; a second one takes it back when the try was refused or right.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from allauth.core.internal import ratelimit
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from patients.models import LimitUse
from patients.selectors.addresses import user_at_text
from patients.sign_in import known_browsers

LIMITS = {
    # By network: more than a clinic behind one address needs, less than a flood.
    "code": "20/m,200/h",
    "guess": "60/m",
    # By pair, or by known browser.
    "code_pair": "3/m,10/h",
    "guess_pair": "5/5m,30/d",
    # All unknown browsers together, at one sign-in address.
    "guess_day": "100/d",
    # By signed-in person: more than a person does by hand, less than a program that copies the records.
    "search": "60/m,300/h",
    "export": "20/m,100/h",
    # By calendar: more than an app asks. By network: addresses of calendars that are none.
    "calendar": "10/m,60/h",
    "calendar_guess": "30/m,200/h",
    # Letters that managers send: by clinic, and by colleague.
    "new_colleague": "30/h",
    "link_by_a_manager": "5/m",
}
# Locks rows in the same order everywhere, to avoid deadlocks. A full row stays unchanged.
COUNT = """
    INSERT INTO patients_limituse AS used (key, times, most, until)
    SELECT key, ARRAY[statement_timestamp()], most, statement_timestamp() + seconds * interval '1 second'
    FROM unnest(%s::text[], %s::int[], %s::float8[]) AS asked (key, most, seconds) ORDER BY key
    ON CONFLICT (key) DO UPDATE SET most = EXCLUDED.most, until = EXCLUDED.until, times = (ARRAY(
      SELECT at FROM unnest(used.times) AS at
      WHERE at > EXCLUDED.times[1] - (EXCLUDED.until - EXCLUDED.times[1]) ORDER BY at
    ) || EXCLUDED.times)[1:EXCLUDED.most]
    RETURNING key, times[cardinality(times)] = statement_timestamp(), statement_timestamp()
"""
TAKE_BACK = """
    WITH held AS (SELECT key FROM patients_limituse WHERE key = ANY(%(keys)s) ORDER BY key FOR UPDATE),
    alone AS (DELETE FROM patients_limituse WHERE key IN (SELECT key FROM held) AND times = ARRAY[%(at)s])
    UPDATE patients_limituse SET times = array_remove(times, %(at)s)
    WHERE key IN (SELECT key FROM held) AND %(at)s = ANY(times) AND times <> ARRAY[%(at)s]
"""


@dataclass(frozen=True)
class Guess:
    """One try at a code or password, counted as wrong until was_right is called."""

    keys: list[str]
    at: datetime

    def was_right(self) -> None:
        """Take the try back: a right one does not count."""
        with connection.cursor() as cursor:
            cursor.execute(TAKE_BACK, {"keys": self.keys, "at": self.at})


def may_have_code(request: HttpRequest, target: str, holder: str = "") -> bool:
    """Count a code to this address; returns whether it may be sent. holder: the sign-in card that was shown."""
    known = holder or _known(request, target)
    here = network(request)
    pair = ("code_pair", f"{known or here} {target}")
    return _count(pair) is not None if known else _count(("code", here), pair) is not None


def guess(request: HttpRequest, target: str, kind: str, holder: str = "") -> Guess | None:
    """Count a try at a sign-in address (kind: code, password, factor); None when its limit is used up."""
    known = holder or _known(request, target)
    here = network(request)
    pair = ("guess_pair", f"{kind} {known or here} {target}")
    return _count(pair) if known else _count(("guess", here), pair, ("guess_day", f"{kind} {target}"))


def may(request: HttpRequest, what: str, key: str = "") -> bool:
    """Count one use; returns whether it is allowed. key: for whom it counts; default: the signed-in user."""
    return _count((what, key or str(request.user.pk))) is not None


def forget_old() -> None:
    """Delete counts that have expired, by the database's clock, which also wrote them."""
    LimitUse.objects.filter(until__lt=Now()).delete()


def _known(request: HttpRequest, target: str) -> str:
    """Return the name of this browser if the owner of that address signed in here before; else empty text."""
    return known_browsers.name_of(request, user_at_text(target))


def network(request: HttpRequest) -> str:
    """Return the IP address of a request; empty for a UNIX socket of this machine."""
    try:
        return str(ratelimit.get_ip(request))
    except PermissionDenied:
        return ""


def _count(*steps: tuple[str, str]) -> Guess | None:
    """Count one try for all these limits (action, key); returns None, and counts for none, if one is used up."""
    asked = [one for action, key in steps for one in _rows(action, key)]
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [list(column) for column in zip(*asked, strict=True)])
        found = cursor.fetchall()
    counted = Guess([key for key, was, _ in found if was], found[0][2])
    if len(counted.keys) == len(asked):
        return counted
    counted.was_right()
    return None


def _rows(action: str, key: str) -> Iterator[tuple[str, int, float]]:
    """Yield each limit of an action: its row's key, how many tries, in how many seconds."""
    for rate in ratelimit.parse_rates(LIMITS[action]):
        name = salted_hmac("kypho limit", f"{action} {rate} {key}", algorithm="sha256").hexdigest()
        yield name, rate.amount, float(rate.duration)

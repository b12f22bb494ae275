"""How often somebody may ask for a code, and guess. A stranger uses up what is theirs, never what is the owner's.

Counted by pair: the network address it comes from, with the sign-in address it is about. A browser in which that
person has signed in before counts by itself, so it gets in whatever strangers do; so does the holder of a sign-in
card. Wrong guesses at one sign-in address are few per day, all strangers together.

A try is one statement, however many limits it counts for; another takes it back when it was refused, or right.
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
    # By network: what no clinic behind one address reaches, and every flood does.
    "code": "20/m,200/h",
    "guess": "60/m",
    # By pair, or by known browser.
    "code_pair": "3/m,10/h",
    "guess_pair": "5/5m,30/d",
    # All strangers together, at one sign-in address.
    "guess_day": "100/d",
    # By person who is signed in: what nobody does by hand, and a program that copies the records does.
    "search": "60/m,300/h",
    "export": "20/m,100/h",
    # By clinic, and by colleague: letters that managers have sent.
    "new_colleague": "30/h",
    "link_by_a_manager": "5/m",
}
# In an order that is everybody's, so that no two wait for each other. A full row is left as it is.
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
    """One try at a code or a password, counted as wrong until it is said to be right."""

    keys: list[str]
    at: datetime

    def was_right(self) -> None:
        """It costs nothing then."""
        with connection.cursor() as cursor:
            cursor.execute(TAKE_BACK, {"keys": self.keys, "at": self.at})


def may_have_code(request: HttpRequest, target: str, holder: str = "") -> bool:
    """May another code go to this address now? holder: of a sign-in card, which nobody else has."""
    known = holder or _known(request, target)
    here = network(request)
    pair = ("code_pair", f"{known or here} {target}")
    return _count(pair) is not None if known else _count(("code", here), pair) is not None


def guess(request: HttpRequest, target: str, kind: str, holder: str = "") -> Guess | None:
    """Count a try at this person's sign-in (kind: code, password, factor); None when it may not be made now."""
    known = holder or _known(request, target)
    here = network(request)
    pair = ("guess_pair", f"{kind} {known or here} {target}")
    return _count(pair) if known else _count(("guess", here), pair, ("guess_day", f"{kind} {target}"))


def may(request: HttpRequest, what: str, key: str = "") -> bool:
    """May this be done once more now? key: for whom it is counted, unless for whoever is signed in."""
    return _count((what, key or str(request.user.pk))) is not None


def forget_old() -> None:
    """Drop what nothing looks back to any more; by the database's clock, which counted it."""
    LimitUse.objects.filter(until__lt=Now()).delete()


def _known(request: HttpRequest, target: str) -> str:
    """The name of this browser, when that person has signed in here before."""
    return known_browsers.name_of(request, user_at_text(target))


def network(request: HttpRequest) -> str:
    """Where a request comes from; empty for a socket of this machine."""
    try:
        return str(ratelimit.get_ip(request))
    except PermissionDenied:
        return ""


def _count(*steps: tuple[str, str]) -> Guess | None:
    """One try for all of these limits, each of somebody; None when one of them is used up, and then for none."""
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
    """Each limit of an action: its key, how many, in how many seconds."""
    for rate in ratelimit.parse_rates(LIMITS[action]):
        name = salted_hmac("kypho limit", f"{action} {rate} {key}", algorithm="sha256").hexdigest()
        yield name, rate.amount, float(rate.duration)

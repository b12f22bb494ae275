"""How often somebody may ask for a code, and guess. A stranger uses up what is theirs, never what is the owner's.

Counted by pair: the network address it comes from, with the sign-in address it is about. A browser in which that
person has signed in before counts by itself, so it gets in whatever strangers do; so does the holder of a sign-in
card. Wrong guesses at one sign-in address are few per day, all strangers together.
"""

from dataclasses import dataclass

from allauth.core.internal import ratelimit
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from patients.selectors.addresses import user_at_text
from patients.sign_in import known_browsers

APP = "kypho"
LIMITS = {
    # By network: what no clinic behind one address reaches, and every flood does.
    "code": "20/m/ip,200/h/ip",
    "guess": "60/m/ip",
    # By pair, or by known browser.
    "code_pair": "3/m/key,10/h/key",
    "guess_pair": "5/5m/key,30/d/key",
    # All strangers together, at one sign-in address.
    "guess_day": "100/d/key",
    # By person who is signed in: what nobody does by hand, and a program that copies the records does.
    "search": "60/m/key,300/h/key",
    "export": "20/m/key,100/h/key",
}


@dataclass(frozen=True)
class Guess:
    """One try at a code or a password, counted as wrong until it is said to be right."""

    counted: tuple[ratelimit.RateLimitUsage, ...]

    def was_right(self) -> None:
        """It costs nothing then."""
        for usage in self.counted:
            usage.rollback()


def may_have_code(request: HttpRequest, target: str, holder: str = "") -> bool:
    """May another code go to this address now? holder: of a sign-in card, which nobody else has."""
    known = holder or _known(request, target)
    if not known and not _count(request, "code"):
        return False
    return _count(request, "code_pair", f"{known or network(request)} {target}") is not None


def guess(request: HttpRequest, target: str, kind: str, holder: str = "") -> Guess | None:
    """Count a try at this person's sign-in (kind: code, password, factor); None when it may not be made now."""
    known = holder or _known(request, target)
    steps = [("guess_pair", f"{kind} {known or network(request)} {target}")]
    if not known:
        steps = [("guess", ""), *steps, ("guess_day", f"{kind} {target}")]
    counted: list[ratelimit.RateLimitUsage] = []
    for action, key in steps:
        usage = _count(request, action, key)
        if usage is None:
            Guess(tuple(counted)).was_right()
            return None
        counted.append(usage)
    return Guess(tuple(counted))


def may(request: HttpRequest, what: str) -> bool:
    """May whoever is signed in do this once more now? what: search, or export."""
    return _count(request, what, str(request.user.pk)) is not None


def _known(request: HttpRequest, target: str) -> str:
    """The name of this browser, when that person has signed in here before."""
    return known_browsers.name_of(request, user_at_text(target))


def network(request: HttpRequest) -> str:
    """Where a request comes from; empty for a socket of this machine."""
    try:
        return str(ratelimit.get_ip(request))
    except PermissionDenied:
        return ""


def _count(request: HttpRequest, action: str, key: str = "") -> ratelimit.RateLimitUsage | None:
    return ratelimit.consume(request, app=APP, action=action, config=LIMITS, key=key, limit_get=True)

"""Locks every secret with the newest key, row by row; it can be stopped and started again at any moment."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import DatabaseError

from patients.rotation.places import SecretPlace, keys_in_use, places
from patients.vault.keys import NO_KEY, NoKeys, Unopened, our_keys

MISSING = (
    "{number} of the secrets in this database {are} locked with key {key}, which DATA_KEYS does not have: nothing"
    " was started, and nothing was changed. Put that key back behind the others (docs/howto/secret-key.md)."
)


@dataclass
class Done:
    """The result of one run. aside: sentences about rows that could not be locked again."""

    rows: int = 0
    aside: list[str] = field(default_factory=list)


def lock_all_anew(*, only_plain: bool = False) -> Done:
    """Lock each row in its own transaction; a row that fails is listed and the others go on. Raises NoKeys.

    only_plain: only secrets that are not locked, or not bound to their row.
    """
    newest = our_keys()[0].id
    done = Done()
    for place in places():
        for pk, lies in place.rows():
            # A secret from an older release may not be bound to its row: as urgent as one that is not locked.
            old = any(not one.key or not one.bound for one in lies)
            wanted = old or (not only_plain and {one.key for one in lies} != {newest})
            if wanted:
                _one(place, pk, done)
    return done


def _one(place: SecretPlace, pk: int, done: Done) -> None:
    try:
        place.lock_anew(pk)
        done.rows += 1
    except (Unopened, DatabaseError) as error:
        why = str(error).strip().splitlines()[0]
        done.aside.append(f"{place.words}, row {pk}: {why}")


def missing_keys() -> str:
    """Return in one sentence why nothing may start with these keys; empty when they open all secrets."""
    try:
        known = {key.id for key in our_keys()}
    except NoKeys as error:
        return str(error)
    except ValueError:
        return f"DATA_KEYS {NO_KEY}"
    used: Counter[str] = sum(keys_in_use().values(), Counter())
    for key, number in sorted(used.items()):
        if key and key not in known:
            return MISSING.format(number=number, are="is" if number == 1 else "are", key=key)
    return ""


def tally() -> Iterator[str]:
    """Yield lines for the operator: how many secrets of each place are locked with which key."""
    names = {key.id: "an older key" for key in our_keys()} | {our_keys()[0].id: "the newest key"}
    for words, used in keys_in_use().items():
        for key, number in sorted(used.items()):
            under = f"under key {key} ({names.get(key, 'MISSING')})" if key else "NOT LOCKED"
            yield f"{words}: {number} {under}"

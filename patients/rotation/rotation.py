"""Locking every secret with the newest key, row by row: it can be stopped at any moment, and begun again."""

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
    """What became of one round. aside: sentences about rows that could not be locked anew."""

    rows: int = 0
    aside: list[str] = field(default_factory=list)


def lock_all_anew(*, only_plain: bool = False) -> Done:
    """Each row in a transaction of its own; one that fails is set aside, and the others go on. Raises NoKeys."""
    newest = our_keys()[0].id
    done = Done()
    for place in places():
        for pk, lies in place.rows():
            # Bound to nothing: from before that, and as urgent as what was never locked.
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
    """Why nothing may start with these keys, in one sentence; empty when all secrets can be opened."""
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
    """Lines for people: where how many secrets lie under which key."""
    names = {key.id: "an older key" for key in our_keys()} | {our_keys()[0].id: "the newest key"}
    for words, used in keys_in_use().items():
        for key, number in sorted(used.items()):
            under = f"under key {key} ({names.get(key, 'MISSING')})" if key else "NOT LOCKED"
            yield f"{words}: {number} {under}"

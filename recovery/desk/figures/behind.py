"""PURE: which alerts or recoveries stand behind a number, by the key in the number's address.

A number on the page and the list it opens come from the same function, so that they cannot differ.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, tzinfo

from alerts.monitoring.figures import MOST_STEPS, TIERS, AlertRow
from alerts.monitoring.figures_by import DONE_TO, MOMENTS, SHIFTS, in_week, measured, shift_of, workers
from patients.tiers import URGENT
from recovery.desk.figures.outcomes import Outcomes

STATES = ("done", "waiting", "without")
Rows = Sequence[AlertRow]


def alerts_behind(key: str, rows: Rows, recent: Rows, zone: tzinfo) -> list[AlertRow] | None:
    """The alerts behind a key; None for a key of no number. rows: of the period. recent: of the weeks shown."""
    name, *more = key.split(":")
    if name == "week":
        return _of_week(more, recent, zone)
    if name == "work":
        return _of_person(more, rows)
    if name in MOMENTS:
        return _timed(name, more, rows, zone)
    if name == "rule" and len(more) == 2:
        return _of_rule(more[0], more[1], rows)
    if name in KINDS and len(more) <= 1:
        return [row for row in _tier(rows, more) if KINDS[name](row)]
    if name == "step" and len(more) == 1:
        return [row for row in rows if row.tier in URGENT and more[0] == str(min(_told(row), MOST_STEPS))]
    return None


def _without_contact(row: AlertRow) -> bool:
    return row.closed_at is not None and MOMENTS["contacted"](row) is None


KINDS: Mapping[str, Callable[[AlertRow], bool]] = {
    "alerts": lambda row: True,
    "open": lambda row: row.closed_at is None,
    "resolved": lambda row: row.closed_at is not None,
    "without": _without_contact,
    "without_urgent": lambda row: row.tier in URGENT and _without_contact(row),
    "resolved_urgent": lambda row: row.tier in URGENT and row.closed_at is not None,
    "judged": lambda row: bool(row.worth),
    "useful": lambda row: row.worth == "useful",
    "unjudged": lambda row: row.closed_at is not None and not row.worth,
    "reopened": lambda row: row.reopened > 0,
    "expired": lambda row: any(what == "ack_expired" for _, what, _ in row.events),
}


def _tier(rows: Iterable[AlertRow], more: Sequence[str]) -> list[AlertRow]:
    return [row for row in rows if not more or row.tier == more[0]]


def _told(row: AlertRow) -> int:
    return sum(what == "told" for _, what, _ in row.events)


def _timed(measure: str, more: Sequence[str], rows: Rows, zone: tzinfo) -> list[AlertRow] | None:
    """measure:tier:state, or measure:tier:state:shift."""
    if len(more) not in (2, 3) or more[0] not in TIERS or more[1] not in STATES:
        return None
    here = _tier(rows, more[:1])
    if len(more) == 3:
        if more[2] not in SHIFTS:
            return None
        here = [row for row in here if shift_of(row.since, zone) == more[2]]
    return measured(here, measure)[STATES.index(more[1])]


def _of_week(more: Sequence[str], recent: Rows, zone: tzinfo) -> list[AlertRow] | None:
    try:
        start = date.fromisoformat(more[0]) if len(more) in (1, 2) else None
    except ValueError:
        return None
    return None if start is None else _tier(in_week(recent, start, zone), more[1:])


def _of_person(more: Sequence[str], rows: Rows) -> list[AlertRow] | None:
    if len(more) != 2 or more[1] not in DONE_TO or not more[0].isdecimal():
        return None
    return [row for row in rows if int(more[0]) in workers(row)[more[1]]]


def _of_rule(rule: str, kind: str, rows: Rows) -> list[AlertRow] | None:
    worths = {"all": None, "judged": ("useful", "not_useful", "unsure"), "not_useful": ("not_useful",)}
    if kind not in worths:
        return None
    wanted = worths[kind]
    return [row for row in rows if rule in row.rules and (wanted is None or row.worth in wanted)]


def recoveries_behind(key: str, found: Outcomes) -> frozenset[int] | None:
    """The recoveries behind a key; None for a key of no number."""
    name, _, rest = key.partition(":")
    if name == "pain":
        return _of_pain(rest, found)
    if name == "logged" and rest.isdecimal():
        return next((share.part for day, share in found.logged_by_day if str(day) == rest), None)
    shares = {
        "adherence": found.adherence,
        "lasting": found.lasting,
        "fractures": found.fractures,
        "leaks": found.leaks,
        "logged": found.logged_by_day[0][1],
    }
    if name in shares and rest in ("", "of"):
        return shares[name].whole if rest else shares[name].part
    return found.late_enrolled if key == "late" else None


def _of_pain(rest: str, found: Outcomes) -> frozenset[int] | None:
    wanted, _, kind = rest.partition(":")
    for pain in (found.before, *found.pain):
        if str(pain.day) == wanted:
            kinds = {"": frozenset(pain.pains), "reached": pain.reached, "reduced": pain.reduced.part}
            return kinds.get(kind)
    return None

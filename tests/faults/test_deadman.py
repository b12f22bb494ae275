"""How a run is judged: did anybody sweep all the time, and was the alarm red then and only then (I16)?"""

from pathlib import Path
from typing import Any

from alerts.messaging.dispatch import PATIENCE_SECONDS
from alerts.monitoring.sweep import BUDGET_SECONDS
from faults.deadman import (
    NEVER_OLDER_SECONDS,
    longest_gap,
    never_long,
    red_without_reason,
    silence_unnoticed,
    stops,
)
from faults.evidence import Evidence

TICK = "tick: the last tick was 31.0 seconds ago"
SUBJECT = "Kypho Recovery: the system needs somebody to look"
WELL = "Kypho Recovery: all is well again"
SWEPT_EVERY = 2


def run(seconds: int, silent: range = range(0), **more: Any) -> Evidence:
    """Looks each half second; nobody sweeps in `silent`. Health is as it should be, unless said otherwise."""
    looks, health, newest = list[dict[str, Any]](), list[dict[str, Any]](), 0.0
    for half in range(2 * seconds):
        at = half / 2
        newest = at if at % SWEPT_EVERY == 0 and at not in silent else newest
        looks.append(look(at, at - newest))
        red = at - newest > 30
        health.append(answer(at, 503 if red else 200, [TICK] if red else []))
    return Evidence(Path(), watcher=[*looks, *health], **more)


def look(at: float, age: float | None, took: float = 0.0, broken: tuple[str, ...] = ()) -> dict[str, Any]:
    found = {} if age is None else {"age": age, "watchdog": 0.0, "broken": list(broken)}
    return {"what": "sweeps", "began": at - took, "at": at, **found}


def answer(at: float, status: int, reasons: list[str]) -> dict[str, Any]:
    return {"what": "health", "began": at, "at": at, "status": status, "reasons": reasons}


def mail(at: float, subject: str = SUBJECT, body: str = "the database does not answer") -> dict[str, Any]:
    return {"at": at, "subject": subject, "body": body}


def fault(name: str, begin: float, end: float, *, nobody_sweeps: bool = True) -> list[dict[str, Any]]:
    begins = {"what": "begins", "fault": name, "at": begin, "nobody_sweeps": nobody_sweeps}
    return [begins, {"what": "ends", "fault": name, "at": end}]


def test_where_somebody_sweeps_every_other_second_nothing_is_wrong() -> None:
    found = run(60)
    assert longest_gap(found).age == 1.5
    assert never_long(found) + silence_unnoticed(found) + red_without_reason(found) + stops(found) == []


def test_twelve_seconds_without_a_sweep_are_allowed_and_not_fourteen() -> None:
    assert never_long(run(60, range(20, 29))) == []
    assert never_long(run(60, range(20, 31))) == ["13.5 s without a sweep at 32"]
    assert never_long(run(60, range(20, 31), run={"slack": 1.2})) == []


def test_a_sweep_whose_calls_all_hang_is_over_before_anybody_misses_it() -> None:
    assert BUDGET_SECONDS + PATIENCE_SECONDS < NEVER_OLDER_SECONDS


def test_time_in_which_the_database_is_away_does_not_count() -> None:
    found = run(60, range(20, 41))
    for line in found.watcher:
        if line["what"] == "sweeps" and 22 <= line["at"] < 34:
            del line["age"]
    assert never_long(found) == []


def test_a_look_that_took_long_did_not_reach_the_database() -> None:
    found = run(60, range(20, 41))
    found.watcher = [line for line in found.watcher if not 26 < line["at"] < 36.5]
    found.watcher.append(look(36.1, 18.1, took=10))
    found.watcher.sort(key=lambda line: float(line["at"]))
    assert longest_gap(found).age == 8
    assert never_long(found) == []


def test_time_in_which_nobody_can_sweep_does_not_count_and_other_faults_do() -> None:
    assert never_long(run(60, range(20, 41), nemesis=fault("lock: alerts", 20, 32))) == []
    assert never_long(run(60, range(20, 41), nemesis=fault("kill -9 worker", 20, 32, nobody_sweeps=False))) != []
    assert never_long(run(60, range(20, 41), nemesis=fault("lock: alerts", 20, 22))) != []


def test_a_long_stop_must_be_told_by_the_watchdog() -> None:
    silent = range(20, 61)
    assert [(round(begin), round(end)) for begin, end in stops(run(80, silent))] == [(48, 62)]
    assert silence_unnoticed(run(80, silent, watchdog=[mail(26)])) == []
    assert silence_unnoticed(run(80, silent)) == ["the watchdog told nobody from 48 to 62"]
    assert silence_unnoticed(run(80, silent, watchdog=[mail(10), mail(15, WELL)])) != []
    assert silence_unnoticed(run(80, silent, watchdog=[mail(10, "something needs a look today")])) != []


def test_a_long_stop_must_turn_health_red() -> None:
    found = run(80, range(20, 61), watchdog=[mail(26)])
    for line in found.watcher:
        line.update({"status": 200, "reasons": []} if line["what"] == "health" and line["at"] == 56 else {})
    assert silence_unnoticed(found) == ["health was green at 56"]


def test_red_without_a_stop_is_a_false_alarm_wherever_it_is_said() -> None:
    words = "no sweep has been finished for 30 seconds"
    found = run(80, watchdog=[mail(20, body=words)])
    found.watcher += [look(30.2, 0, broken=(words,)), answer(40, 503, [TICK]), answer(50, 503, ["broker: away"])]
    assert red_without_reason(found) == ["board at 30", "health at 40", "watchdog at 20"]
    assert red_without_reason(run(80, range(20, 61), watchdog=[mail(51, body=words)])) == []

"""PURE: what a plan would do from a moment on, as lines a manager can check against the roster."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.policy.plan import NO_PERSON, Plan, Step, channels_in_words, next_move, reaches

NEXT_AT_ONCE = "The next step comes at once."


@dataclass(frozen=True)
class Person:
    """Somebody of an audience, and by which of the step's channels they can be reached."""

    name: str
    channels: tuple[str, ...]


@dataclass(frozen=True)
class Crowd:
    """Who a step would tell at a moment; gap: a nurse on call is asked for and there is none."""

    people: tuple[Person, ...]
    gap: bool = False


@dataclass(frozen=True)
class Line:
    """One step at its moment: whom it tells, and what the manager should know about it."""

    at: datetime
    words: str
    warnings: tuple[str, ...] = ()


Ask = Callable[[Step, datetime], Crowd]


def timeline(plan: Plan, start: datetime, ask: Ask, last_resort: Ask) -> list[Line]:
    """Each step once, from the start on, as the clock would take them; the last line is the one that repeats.

    ask says who a step would reach at a moment; last_resort whom it would be instead when that is nobody.
    """
    lines, at, number = [], start, 0
    while True:
        move = next_move(plan, 0, number, at)
        crowd = ask(move.step, at)
        told = _reaches(move.step, crowd)
        is_last = move.next_round > 0
        lines.append(_line(at, move.step, crowd, told, is_last))
        if is_last and not told:
            instead = last_resort(move.step, at)
            lines.append(Line(at, _people_words("instead", instead), _warnings_of_last_resort(instead)))
        if is_last:
            return lines
        at, number = (move.wake_at if told else at), move.next_step


def _reaches(step: Step, crowd: Crowd) -> bool:
    return reaches(step, (channel for person in crowd.people for channel in person.channels))


def _line(at: datetime, step: Step, crowd: Crowd, told: bool, is_last: bool) -> Line:
    words = _people_words(step.audience_words, crowd)
    warnings = []
    if crowd.gap:
        warnings.append("No nurse is on call then: all nurses are told.")
    if not told and crowd.people:
        names = ", ".join(person.name for person in crowd.people)
        warnings.append(f"No working contact for {names}. {'' if is_last else NEXT_AT_ONCE}".rstrip())
    elif not told:
        warnings.append(f"This reaches nobody. {'' if is_last else NEXT_AT_ONCE}".rstrip())
    else:
        warnings += _partly(step, crowd)
    return Line(at, words, tuple(warnings))


def _partly(step: Step, crowd: Crowd) -> list[str]:
    """Those a step names who would see it on the board at most."""
    if set(step.channels) <= {"board", NO_PERSON}:
        return []
    missed = [person.name for person in crowd.people if set(person.channels) <= {"board"}]
    return [f"No working contact for {', '.join(missed)}."] if missed else []


def _warnings_of_last_resort(crowd: Crowd) -> tuple[str, ...]:
    if any(set(person.channels) - {"board"} for person in crowd.people):
        return ()
    return ("Nobody at all can be reached away from the screen. Look at Staff: somebody needs a working contact.",)


def _people_words(audience: str, crowd: Crowd) -> str:
    """nurse on call (Nora Staff) by board and e-mail; each on their own when they differ."""
    ways = {person.channels for person in crowd.people}
    if not crowd.people:
        return audience
    if len(ways) == 1:
        names = [person.name for person in crowd.people]
        who = audience if names == [audience] else f"{audience} ({', '.join(names)})"
        return f"{who} by {_by(crowd.people[0].channels)}"
    each = "; ".join(f"{person.name} by {_by(person.channels)}" for person in crowd.people)
    return f"{audience}: {each}"


def _by(channels: Sequence[str]) -> str:
    return channels_in_words(channels) if channels else "nothing"

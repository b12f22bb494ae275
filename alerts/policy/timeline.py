"""PURE: the steps of a plan from a time on, as lines that a manager can check against the roster."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.policy.plan import (
    BEFORE_A_CALL,
    CALL,
    NO_PERSON,
    Plan,
    Step,
    call_after,
    channels_in_words,
    next_move,
    reaches,
)

NEXT_AT_ONCE = "The next step comes at once."


@dataclass(frozen=True)
class Person:
    """One person that a step would tell, and the channels of the step that reach them."""

    name: str
    channels: tuple[str, ...]


@dataclass(frozen=True)
class Crowd:
    """The people a step would tell at a time. gap: the step tells the nurse on call, and there is none."""

    people: tuple[Person, ...]
    gap: bool = False


@dataclass(frozen=True)
class Line:
    """One step at its time, or the calls in it: whom it tells, and warnings for the manager."""

    at: datetime
    words: str
    warnings: tuple[str, ...] = ()


Ask = Callable[[Step, datetime], Crowd]


def timeline(plan: Plan, start: datetime, ask: Ask, last_resort: Ask) -> list[Line]:
    """Each step once at the time it would run; the last line repeats.

    ask: returns the people of a step at a time. last_resort: returns the people to tell when the last step reaches
    no one.
    """
    lines, at, number = [], start, 0
    while True:
        move = next_move(plan, 0, number, at)
        crowd = ask(move.step, at)
        told = _reaches(move.step, crowd)
        is_last = move.next_round > 0
        lines.append(_line(at, move.step, _told_at_once(crowd), told, is_last))
        lines += _calls(at, move.wake_at - at, crowd)
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


def _told_at_once(crowd: Crowd) -> Crowd:
    """The people with the channels that the step uses when it begins: a call may come later in it."""
    people = (
        replace(one, channels=tuple(name for name in one.channels if name != CALL)) if _called_later(one) else one
        for one in crowd.people
    )
    return replace(crowd, people=tuple(people))


def _called_later(person: Person) -> bool:
    return CALL in person.channels and bool(BEFORE_A_CALL & set(person.channels))


def _calls(at: datetime, step_takes: timedelta, crowd: Crowd) -> list[Line]:
    """The line of the calls that follow texts and push within the step; empty without any."""
    later = [person for person in crowd.people if _called_later(person)]
    if not later:
        return []
    names = ", ".join(person.name for person in later)
    words = f"phone call to {names}, unless somebody has opened or taken it by then"
    return [Line(at + call_after(step_takes, later[0].channels), words)]


def _partly(step: Step, crowd: Crowd) -> list[str]:
    """A warning about people of a step whom only the board reaches, though the step uses other channels too."""
    if set(step.channels) <= {"board", NO_PERSON}:
        return []
    missed = [person.name for person in crowd.people if set(person.channels) <= {"board"}]
    return [f"No working contact for {', '.join(missed)}."] if missed else []


def _warnings_of_last_resort(crowd: Crowd) -> tuple[str, ...]:
    if any(set(person.channels) - {"board"} for person in crowd.people):
        return ()
    return ("Nobody at all can be reached away from the screen. Look at Staff: somebody needs a working contact.",)


def _people_words(audience: str, crowd: Crowd) -> str:
    """The people in words: nurse on call (Nora Staff) by screen and e-mail; each alone when channels differ."""
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

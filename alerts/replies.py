"""PURE: what somebody meant who answered an SMS, and the words to answer with."""

import re
from dataclasses import dataclass

# The words carriers and providers act on by themselves.
STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
START_WORDS = frozenset({"start", "unstop", "yes"})
MOST_CHARACTERS = 1600
# A code, alone or after a word or two of taking, with or without a space in the middle.
_CODE = re.compile(
    r"(?:ack|acknowledge|take|taking it|code)?[\s:#.-]*(\d{3})[ -]?(\d{3})[\s.!]*", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True)
class Meant:
    """Exactly one of the three, or none when it is unclear."""

    code: str = ""
    stop: bool = False
    start: bool = False


def read(text: str) -> Meant:
    """Strict, so that a sentence with a number in it takes nothing: a code alone, ACK and a code, STOP, START."""
    words = text[:MOST_CHARACTERS].strip()
    plain = re.sub(r"[^a-z]", "", words.lower())
    if plain in STOP_WORDS and not any(letter.isdigit() for letter in words):
        return Meant(stop=True)
    if plain in START_WORDS and not any(letter.isdigit() for letter in words):
        return Meant(start=True)
    code = _CODE.fullmatch(words)
    return Meant(code=code[1] + code[2]) if code else Meant()

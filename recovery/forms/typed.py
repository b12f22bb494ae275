"""What people type for a number: digits of any keyboard, a comma or a point, often the unit behind it. Pure.

The tables go to the phone as they are (phone_questions.py); static/js/typed_text.js reads by them in the same way.
"""

import re
from collections.abc import Mapping

from patients.values.typed_text import clean

# Room for "101,2 degrees fahrenheit", short enough that reading it costs nothing.
LONGEST_NUMBER = 40
# One letter each: full-width and Arabic digits and signs, the many degree signs, dashes for minus, halves.
FOLDED: Mapping[str, str] = {
    **{chr(0xFF10 + n): str(n) for n in range(10)},
    **{chr(0x0660 + n): str(n) for n in range(10)},
    **{chr(0x06F0 + n): str(n) for n in range(10)},
    **dict.fromkeys("\uff0e\u066b\u3002", "."),
    **dict.fromkeys("\uff0c\u060c", ","),
    **dict.fromkeys("\u00ba\u02da\u2218\u1d52", "\u00b0"),
    **dict.fromkeys("\u2212\u2010\u2011\u2013\uff0d", "-"),
    **dict.fromkeys("\u00a0\u2007\u2009\u202f\u3000", " "),
    "\uff26": "f",
    "\uff46": "f",
    "\uff23": "c",
    "\uff43": "c",
    "\u2109": "\u00b0f",
    "\u2103": "\u00b0c",
    "\u00bd": ".5",
    "\u00bc": ".25",
    "\u00be": ".75",
}
NUMBER = "-?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)"
# "1,000" of a whole number is a thousand, never one; "1,00" is not guessed at.
WHOLE = "-?[0-9]+(?:[.,]0?)?(?![0-9.,])"
THOUSANDS = "-?[1-9][0-9]{0,2}(?:[.,' ][0-9]{3})+(?![0-9.,])"
# Said before a unit of temperature, and the unit itself; without spaces, dots and degree signs.
DEGREES = ("degrees", "degree", "degs", "deg", "grados", "grado")
TEMP_UNITS: Mapping[str, str] = {
    **dict.fromkeys(("f", "fahrenheit", "farenheit"), "F"),
    **dict.fromkeys(("c", "celsius", "celcius", "centigrade", "centigrados", "centígrados"), "C"),
}
# Words that may stand behind any other number.
NUMBER_UNITS: Mapping[str, tuple[str, ...]] = {
    "mg": ("mg", "mgs", "milligram", "milligrams", "miligramos"),
    "min": ("m", "min", "mins", "minute", "minutes", "minuto", "minutos"),
    "h": ("h", "hr", "hrs", "hour", "hours", "hora", "horas"),
    "pill": ("pill", "pills", "tab", "tabs", "tablet", "tablets", "pastilla", "pastillas", "tableta", "tabletas"),
    "time": ("x", "time", "times", "vez", "veces"),
}
_ANY = re.compile(f"({NUMBER})(.*)", re.DOTALL)
_WHOLE = re.compile(f"({WHOLE})(.*)", re.DOTALL)
_THOUSANDS = re.compile(f"({THOUSANDS})(.*)", re.DOTALL)
_BETWEEN = re.compile("[ .\u00b0]")


def folded(text: str) -> str:
    """The text as it is read: plain digits and signs, small letters, no spaces around."""
    return "".join(FOLDED.get(letter, letter) for letter in clean(text)).strip().lower()


def read_number(text: str, *, whole: bool = False, unit: str = "") -> float | None:
    """A finite number in plain notation, a word for `unit` behind it or none; None when it can not be read."""
    number, rest = _parted(text, whole=whole)
    return number if rest == "" or rest in NUMBER_UNITS.get(unit, ()) else None


def read_temperature(text: str) -> tuple[float | None, str]:
    """The number, None when it can not be read, and the unit that stands in the text: F, C or empty."""
    number, rest = _parted(text)
    for word in DEGREES:
        if rest.startswith(word):
            rest = rest.removeprefix(word)
            break
    if rest and rest not in TEMP_UNITS:
        return None, ""
    return number, TEMP_UNITS.get(rest, "")


def _parted(text: str, *, whole: bool = False) -> tuple[float | None, str]:
    """The number in front, and what stands behind it without spaces, dots and degree signs."""
    plain = folded(text)
    if len(plain) > LONGEST_NUMBER:
        return None, ""
    if whole and (found := _THOUSANDS.fullmatch(plain)):
        return float(re.sub("[.,' ]", "", found[1])), _BETWEEN.sub("", found[2])
    found = (_WHOLE if whole else _ANY).fullmatch(plain)
    if not found:
        return None, ""
    return float(found[1].replace(",", ".")), _BETWEEN.sub("", found[2])

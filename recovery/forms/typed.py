"""Read numbers as people type them: any keyboard's digits, a comma or a point, often with a unit. Pure.

The phone gets the same tables (phone_questions.py), and static/js/typed_text.js reads in the same way.
"""

import re
from collections.abc import Mapping

from patients.values.typed_text import clean

# Long enough for "101,2 degrees fahrenheit", short enough to read quickly.
LONGEST_NUMBER = 40
# Single characters: full-width and Arabic digits and signs, degree signs, dashes for minus, halves.
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
# A whole number "1,000" is a thousand, never one; "1,00" is refused.
WHOLE = "-?[0-9]+(?:[.,]0?)?(?![0-9.,])"
THOUSANDS = "-?[1-9][0-9]{0,2}(?:[.,' ][0-9]{3})+(?![0-9.,])"
# Words before a unit of temperature, and the units; without spaces, dots and degree signs.
DEGREES = ("degrees", "degree", "degs", "deg", "grados", "grado")
TEMP_UNITS: Mapping[str, str] = {
    **dict.fromkeys(("f", "fahrenheit", "farenheit"), "F"),
    **dict.fromkeys(("c", "celsius", "celcius", "centigrade", "centigrados", "centígrados"), "C"),
}
# Words that may follow any other number.
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
    """Return the text with plain digits and signs, small letters and no spaces around it."""
    return "".join(FOLDED.get(letter, letter) for letter in clean(text)).strip().lower()


def read_number(text: str, *, whole: bool = False, unit: str = "") -> float | None:
    """Return a finite number in plain notation, with or without a word for `unit`; None when unreadable."""
    number, rest = _parted(text, whole=whole)
    return number if rest == "" or rest in NUMBER_UNITS.get(unit, ()) else None


def read_temperature(text: str) -> tuple[float | None, str]:
    """Return the number, None when unreadable, and the unit in the text: "F", "C" or ""."""
    number, rest = _parted(text)
    for word in DEGREES:
        if rest.startswith(word):
            rest = rest.removeprefix(word)
            break
    if rest and rest not in TEMP_UNITS:
        return None, ""
    return number, TEMP_UNITS.get(rest, "")


def _parted(text: str, *, whole: bool = False) -> tuple[float | None, str]:
    """Return the number in front, and the rest without spaces, dots and degree signs."""
    plain = folded(text)
    if len(plain) > LONGEST_NUMBER:
        return None, ""
    if whole and (found := _THOUSANDS.fullmatch(plain)):
        return float(re.sub("[.,' ]", "", found[1])), _BETWEEN.sub("", found[2])
    found = (_WHOLE if whole else _ANY).fullmatch(plain)
    if not found:
        return None, ""
    return float(found[1].replace(",", ".")), _BETWEEN.sub("", found[2])

"""PURE: cleans incoming text, by the same function for every form and message (twin: static/js/typed_text.js).

It removes only invisible characters: those a database refuses, half surrogate pairs, and marks that reverse,
join or hide the text around them. No readable text is lost, so no text must be refused because of them.
"""

import re
import unicodedata

# Formatting characters (zero-width, bidi marks, soft hyphens, tags), and half surrogate pairs.
UNSEEN = frozenset({"Cf", "Cs"})
LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Control characters that become a space; tabs and line ends stay.
CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
# A quick check: almost every text needs no cleaning.
ODD = re.compile("[^\t\n\x20-\x7e\xa1-\xac\xae-\u05ff]")


def clean(text: str) -> str:
    """Return the text without invisible characters, with plain line ends and spaces for control characters."""
    if not ODD.search(text):
        return text
    seen = "".join(letter for letter in text if unicodedata.category(letter) not in UNSEEN)
    return CONTROL.sub(" ", LINE_ENDS.sub("\n", seen))

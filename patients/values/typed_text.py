"""Text as it comes in, made fit to keep and to read: one function for every door (twin: static/js/typed_text.js).

Pure. What is taken out can not be seen: letters a database refuses, halves of letters, marks that turn, join or
hide what stands around them. Nothing a person can read is lost, so no text has to be refused for them.
"""

import re
import unicodedata

# A letter that only formats (zero-width, bidi marks, soft hyphens, tags), and half of a letter.
UNSEEN = frozenset({"Cf", "Cs"})
LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Control characters that stand where a space may have been; a tab and a line end are kept.
CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
# Nothing to do for almost every text: looked at before anything is built.
ODD = re.compile("[^\t\n\x20-\x7e\xa1-\xac\xae-\u05ff]")


def clean(text: str) -> str:
    """The text without unseen letters; line ends as one kind, other control characters as a space."""
    if not ODD.search(text):
        return text
    seen = "".join(letter for letter in text if unicodedata.category(letter) not in UNSEEN)
    return CONTROL.sub(" ", LINE_ENDS.sub("\n", seen))

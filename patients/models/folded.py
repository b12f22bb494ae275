"""Folds different spellings of a name into one form for searching; done by the database, so there is one rule.

It removes accents, case, apostrophes, dots, hyphens and spaces; ß becomes ss, ø o, ł l. The German ways to write
an umlaut become one: Müller, Mueller and Muller fold to muller. Letters of other scripts stay as they are.
"""

from django.db.models import CharField, Func

# Letters that Unicode does not decompose, and their replacements.
_ALONE = "øØłŁđĐðÐþÞıħĦ"
_PLAIN = "oOlLdDdDtTihH"
# Combining marks, and signs that people write or leave out between the letters of a name. By number:
# PostgreSQL reads \\u.
_LEFT_OUT = r"[\u0300-\u036f\u2018\u2019\u02bc\u00b4\u2010-\u2015\u00a0\s.,''`()/_-]+"
_TEMPLATE = (
    "regexp_replace(regexp_replace(lower(translate(replace(replace(replace(replace(replace("
    "normalize(%(expressions)s, NFKD), 'ß', 'ss'), 'æ', 'ae'), 'Æ', 'ae'), 'œ', 'oe'), 'Œ', 'oe'), "
    f"'{_ALONE}', '{_PLAIN}')), '{_LEFT_OUT}', '', 'g'), '([aou])e', '\\1', 'g')"
)


class Folded(Func):
    """The folded form of a text, for both the column and the search words."""

    template = _TEMPLATE
    output_field = CharField()

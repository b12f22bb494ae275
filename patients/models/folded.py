"""Names as people spell them, folded to what they have in common; the database does it, so that there is one rule.

Accents, case, apostrophes, dots, hyphens and spaces go; ß is ss, ø is o, ł is l; and the German ways to write an
umlaut are one: Müller, Mueller and Muller fold to muller. Letters of other scripts stay as they are.
"""

from django.db.models import CharField, Func

# Letters that no decomposition takes apart, and what stands for them.
_ALONE = "øØłŁđĐðÐþÞıħĦ"
_PLAIN = "oOlLdDdDtTihH"
# Combining marks, and what people write or leave out between the letters of a name. By number: PostgreSQL
# reads \\u.
_LEFT_OUT = r"[\u0300-\u036f\u2018\u2019\u02bc\u00b4\u2010-\u2015\u00a0\s.,''`()/_-]+"
_TEMPLATE = (
    "regexp_replace(regexp_replace(lower(translate(replace(replace(replace(replace(replace("
    "normalize(%(expressions)s, NFKD), 'ß', 'ss'), 'æ', 'ae'), 'Æ', 'ae'), 'œ', 'oe'), 'Œ', 'oe'), "
    f"'{_ALONE}', '{_PLAIN}')), '{_LEFT_OUT}', '', 'g'), '([aou])e', '\\1', 'g')"
)


class Folded(Func):
    """The folded form of a text; for a column and for what is looked for alike."""

    template = _TEMPLATE
    output_field = CharField()

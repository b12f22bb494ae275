"""Constraints on JSON columns: dates, numbers and times of day lie inside the bounds of the record.

So no form, import or repair by hand can store a value that the plan and the rules cannot read.
"""

from typing import Any

from django.db import models
from django.db.models.expressions import RawSQL

from patients.values.bounds import CARE, FEVER_C, FEVER_F, GRACE_HOURS, LATER_HOURS, Numbers

# A date's form and the years of care; forms and readers check that the day exists.
_DAY = rf"(20[0-9]{{2}}|{CARE.last})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_WALL = "([01][0-9]|2[0-3]):[0-5][0-9]"
_IS_TEXT = "jsonb_typeof(value) = 'string'"


def _number(bounds: Numbers) -> str:
    inside = f"(value #>> '{{}}')::numeric BETWEEN {bounds.lowest:g} AND {bounds.highest:g}"
    # CASE makes sure that the type is checked before the cast
    return f"CASE WHEN jsonb_typeof(value) = 'number' THEN {inside} ELSE false END"


def _each(kind: str, wrong: str, path: str) -> str:
    return f"jsonb_typeof(value) = '{kind}' AND NOT jsonb_path_exists(value, '{path} ? ({wrong})')"


_HOURS = f'@.type() != "number" || @ < {LATER_HOURS.lowest:g} || @ > {LATER_HOURS.highest:g}'
_TIMES = f'@.type() != "string" || !(@ like_regex "^{_WALL}$")'
# The SQL rule for each key of ClinicOverride.
_SETTINGS = {
    ("no_drive_until", "no_work_until"): f"{_IS_TEXT} AND value #>> '{{}}' ~ '^({_DAY}|until_cleared)$'",
    ("heavy_cleared_on", "strenuous_cleared_on"): f"{_IS_TEXT} AND value #>> '{{}}' ~ '^{_DAY}$'",
    ("site_swelling_grace_hours",): _number(GRACE_HOURS),
    ("fever_threshold_f",): _number(FEVER_F),
    ("fever_threshold_c",): _number(FEVER_C),
    ("ice_ok",): "jsonb_typeof(value) = 'boolean'",
    (
        "quiet_hours",
    ): f"{_each('array', _TIMES, '$[*]')} AND jsonb_path_exists(value, 'strict $ ? (@.size() == 2)')",
    ("milestone_not_before_hours",): _each("object", _HOURS, "$.*"),
}


def _among(keys: tuple[str, ...]) -> str:
    return "key IN ({})".format(", ".join(f"'{key}'" for key in keys))


_BY_KEY = " ".join(f"WHEN {_among(keys)} THEN {rule}" for keys, rule in _SETTINGS.items())
SETTING_RULE = f"CASE WHEN ended_at IS NOT NULL THEN true {_BY_KEY} ELSE false END"
MEDS_RULE = (
    "jsonb_typeof(meds_on_hold) = 'array' AND NOT jsonb_path_exists(meds_on_hold, '$[*] ?"
    ' (@.type() != "object" || (@.restart_on != null && (@.restart_on.type() != "string" ||'
    f' !(@.restart_on like_regex "^{_DAY}$"))))\')'
)
# Each clinic setting has its own bounds (settings.toml), checked when it is proposed; this is the outer limit.
NUMBERS_RULE = "NOT jsonb_path_exists(value, '$.** ? (@.type() == \"number\" && (@ < 0 || @ > 100000))')"


class JsonRule(models.CheckConstraint):
    """A constraint as SQL, checked only by the database; forms have their own checks, which say what to do."""

    def __init__(self, *, name: str, sql: str) -> None:
        self.sql = sql
        super().__init__(condition=RawSQL(sql, (), models.BooleanField()), name=name)  # noqa: S611

    def deconstruct(self) -> tuple[str, tuple[()], dict[str, str]]:
        """Return its name and SQL for migrations."""
        return "patients.models.json_bounds.JsonRule", (), {"name": self.name, "sql": self.sql}

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the database checks it."""

    def check(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Return no warnings: Django would warn about raw SQL, which is intended here."""
        return []

    # Its name before Django 6.0.
    _check = check

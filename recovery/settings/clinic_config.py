"""Find which clinic settings count at a moment: turn their rows into the config of triage and plan."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject

from recovery.models import ClinicSetting
from recovery.triage.readable import readable_config

Config = dict[str, Any]
COUNTED = (ClinicSetting.State.ACTIVE, ClinicSetting.State.ENDED)


def settings_of(clinic: str) -> ArraySubquery:
    """Return a subquery of all settings of the clinic at path `clinic`, past and coming, for config_at."""
    rows = ClinicSetting.objects.filter(clinic=OuterRef(clinic), state__in=COUNTED).order_by(
        "effective_from", "id"
    )
    return ArraySubquery(
        rows.values(
            row=JSONObject(key=F("key"), value=F("value"), since=F("effective_from"), until=F("ended_at")),
        )
    )


def config_at(rows: Iterable[Mapping[str, Any]] | None, moment: datetime) -> Config:
    """Return the settings that count at this moment: begun, not replaced yet, and within their bounds."""
    return dict(readable_config(stored_at(rows, moment))[0])


def stored_at(rows: Iterable[Mapping[str, Any]] | None, moment: datetime) -> Config:
    """Return the settings that count at this moment, including those outside their bounds."""
    return {row["key"]: row["value"] for row in rows or () if _counts(row, moment)}


def next_change(rows: Iterable[Mapping[str, Any]] | None, moment: datetime) -> datetime | None:
    """Return when the next setting begins; None when none is planned."""
    return min((_at(row["since"]) for row in rows or () if _at(row["since"]) > moment), default=None)


def config_for(clinic_id: int, moment: datetime) -> Config:
    """Return a clinic's config at this moment, in one statement."""
    rows = ClinicSetting.objects.filter(clinic_id=clinic_id, state__in=COUNTED, effective_from__lte=moment)
    rows = rows.exclude(ended_at__lte=moment).order_by("effective_from", "id")
    return dict(readable_config(dict(rows.values_list("key", "value")))[0])


def _counts(row: Mapping[str, Any], moment: datetime) -> bool:
    return _at(row["since"]) <= moment and (row["until"] is None or _at(row["until"]) > moment)


def _at(value: str | datetime) -> datetime:
    """Read a moment from the database's JSON text, which has an offset."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value

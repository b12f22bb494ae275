"""Turn rows into the plain values that rules and plan read: patient record, history, hours (log_schema)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from patients.models import CallBack, ClinicOverride, HospitalStay, Procedure, Travel
from patients.prepared import Prepared
from recovery.models import DailyLog, Milestone, Reminder
from recovery.models.log import HAPPENED_AT
from recovery.settings import clinic_config
from recovery.triage.rulebook import load_rulebook

# A trend needs the last value and seven days; three logs a day for three weeks is more than enough.
HISTORY_LOGS = 60
# The one milestone that remembers that it was held back.
MEDICINE = "M-MEDS-HOLD"
COPIED = (
    "levels",
    "cement_leakage",
    "intravertebral_cleft",
    "fascia_oedema",
    "facet_injury",
    "separated_cement",
    "hu_low",
    "hu_value",
    "bmd_low",
    "bmd_t_score",
    "osteoporosis",
    "baseline_pain",
    "baseline_symptoms",
    "brace_prescribed",
    "blood_thinner_held",
    "blood_thinner_continued",
    "bone_medicine",
    "ice_reminders",
    "meds_on_hold",
    "opioid_prescribed",
    "otc_pain_ok",
    "two_pain_meds_ok",
    "apap_max_mg",
    "pt_ordered",
    "job_type",
)
OR_NULL = ("fracture_cause", "baseline_walk_level")
DATES = ("brace_until", "thinner_restart_on", "pt_start_on", "next_visit_at")


def with_overrides(procedures: QuerySet[Procedure]) -> QuerySet[Procedure]:
    """Return the procedures with clinic, overrides and clinic settings loaded in one statement.

    Also loads: the steps held back on their day, the notes taken back, since when the patient is in the hospital,
    when they last came back from there, by when the next call-back is promised, and a travel's home and end.
    """
    live = ClinicOverride.objects.filter(procedure=OuterRef("pk"), ended_at__isnull=True)
    pairs = live.values(pair=JSONObject(key=F("key"), value=F("value")))
    medicine = Milestone.objects.filter(procedure=OuterRef("pk"), key=MEDICINE)
    stays = HospitalStay.objects.filter(patient=OuterRef("patient"))
    promised = CallBack.objects.filter(patient=OuterRef("patient"), settled_at__isnull=True)
    away = Travel.objects.filter(patient=OuterRef("patient"), ended_at__isnull=True)
    taken = Reminder.objects.filter(taken_back_for=OuterRef("pk")).order_by("taken_back_at", "pk")
    told = JSONObject(
        milestone=F("milestone"), key=F("key"), told_at=F("handled_at"), taken_back_at=F("taken_back_at")
    )
    return procedures.select_related("patient__clinic").annotate(
        live_overrides=ArraySubquery(pairs),
        clinic_settings=clinic_config.settings_of("patient__clinic"),
        held_back=Subquery(medicine.values("held_back")[:1]),
        held_back_set_at=Subquery(medicine.values("held_back_set_at")[:1]),
        notes_taken_back=ArraySubquery(taken.values(told=told)),
        home_zone=Subquery(away.values("home_zone")[:1]),
        travels_until=Subquery(away.values("due_at")[:1]),
        call_back_by=Subquery(promised.order_by("due_at").values("due_at")[:1]),
        in_hospital_since=Subquery(stays.filter(ended_at__isnull=True).values("since")[:1]),
        back_at=Subquery(stays.order_by().values("patient").annotate(at=Max("ended_at")).values("at")),
    )


def config(procedure: Procedure, moment: datetime) -> clinic_config.Config:
    """Return the settings of the patient's clinic at a moment, for a procedure loaded by with_overrides."""
    return clinic_config.config_at(getattr(procedure, "clinic_settings", None), moment)


def stored_config(procedure: Procedure, moment: datetime) -> clinic_config.Config:
    """Return the settings as stored, unchecked: the rules ignore values outside their bounds and report them."""
    return clinic_config.stored_at(getattr(procedure, "clinic_settings", None), moment)


def hours_at(procedure: Procedure, moment: datetime) -> float:
    """Return the real hours from the end of the procedure to a moment (DF-37); negative before the end."""
    return (moment - procedure.ended_at).total_seconds() / 3600


def patient_record(procedure: Procedure, alerts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the patient record that the rules read, for a procedure loaded by with_overrides (log_schema)."""
    patient = procedure.patient
    record: dict[str, Any] = {name: getattr(procedure, name) for name in COPIED}
    record |= {name: getattr(procedure, name) or None for name in OR_NULL}
    record |= {name: _iso(getattr(procedure, name)) for name in DATES}
    pairs = getattr(procedure, "live_overrides", None) or []
    return record | {
        "procedure_end_at": procedure.ended_at.isoformat(),
        "enrolled_at": procedure.recorded_at.isoformat(),
        "time_zone": patient.timezone,
        "home_zone": getattr(procedure, "home_zone", None) or patient.timezone,
        "age": patient.age_on(procedure.ended_at.date()),
        "clinic_overrides": {pair["key"]: pair["value"] for pair in pairs},
        "alerts": [item for item in alerts if item["sign"] in known_signs()],
    }


def known_signs() -> frozenset[str]:
    """Return the sign keys of the rule book. Alerts also have signs that no rule knows, such as 'unreadable'."""
    return frozenset(load_rulebook().signs)


def history(
    procedure: Procedure, logs: QuerySet[DailyLog] | None = None, most: int = HISTORY_LOGS
) -> list[DailyLog]:
    """Return the newest logs of a recovery with their assessments, newest first, without superseded logs.

    logs: a queryset that says what else to load. most: how many rows to read; the rules use HISTORY_LOGS, a page
    that shows all logs may ask for more.
    """
    if logs is None and most == HISTORY_LOGS:
        rows = _newest(procedure=procedure.pk)
    else:
        logs = DailyLog.objects.select_related("assessment") if logs is None else logs
        rows = list(_newest_first(logs.filter(procedure=procedure))[:most])
    replaced = {row.supersedes_id for row in rows}
    return [row for row in rows if row.pk not in replaced]


@Prepared
def _newest(procedure: int) -> QuerySet[DailyLog]:
    logs = DailyLog.objects.select_related("assessment").filter(procedure=procedure)
    return _newest_first(logs)[:HISTORY_LOGS]


def _newest_first(logs: QuerySet[DailyLog]) -> QuerySet[DailyLog]:
    return logs.order_by(HAPPENED_AT.desc(), "-id")


def as_history(procedure: Procedure, logs: Iterable[DailyLog]) -> list[dict[str, Any]]:
    """Return logs in the form the rules read: hours since the procedure, and the answers."""
    return [{"hours": hours_at(procedure, log.happened_at), "log": log.answers} for log in logs]


def _iso(value: Any) -> str | None:
    return value.isoformat() if value else None

"""The people behind one number of the figures page. Opening it is recorded for each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from alerts.models import Alert
from alerts.monitoring.figures import AlertRow
from alerts.monitoring.figures_by import MOMENTS, times
from patients.access import StaffRequest, needs, record_each
from patients.models import Patient
from patients.permissions import Permission, may
from patients.scoping import rows_of
from recovery.desk.figures.alert_panels import wait_words
from recovery.desk.figures.behind import alerts_behind, recoveries_behind
from recovery.desk.figures.figures_query import alert_rows
from recovery.desk.figures.filters import Choice, chosen
from recovery.desk.figures.key_words import key_words
from recovery.desk.figures.outcomes import FIRST_DAYS, PAIN_DAYS, Recovery, days_logged, outcomes, pain_near
from recovery.desk.figures.outcomes_query import recoveries, reduced_by_the_rules

KEY_MOST = 80
SHOWN_MOST = 500
OUTCOMES = dict(Alert.Outcome.choices)


@dataclass(frozen=True)
class Behind:
    """One line: the patient, what the number says of them, and the tier of the alert if it is about one."""

    patient: Patient
    facts: str
    detail: str = ""
    tier: str = ""
    at: datetime | None = None


@require_safe
@needs(Permission.SEE_FIGURES)
def figures_people(request: StaffRequest) -> HttpResponse:
    """Show the patients behind a number; an address of no number, or of somebody else's work, is 404."""
    now, key = timezone.now(), request.GET.get("of", "")[:KEY_MOST]
    choice = chosen(request.staff, request.GET)
    people = _of_alerts(request, choice, key, now)
    if people is None:
        people = _of_recoveries(request, choice, key, now)
    if people is None:
        raise Http404
    shown = people[:SHOWN_MOST]
    known = {person.patient.pk: person.patient for person in shown}
    record_each(request, known.values(), action="opened people behind figures", subject=key)
    page = {
        "people": shown,
        "count": len(people),
        "patients": len({person.patient.pk for person in people}),
        "cut": len(people) > len(shown),
        "words": key_words(key),
        "choice": choice,
        "zone": request.staff.clinic.timezone,
        "of_alerts": any(person.tier for person in shown),
    }
    return render(request, "recovery/desk/figures/people.html", page)


def _of_alerts(request: StaffRequest, choice: Choice, key: str, now: datetime) -> list[Behind] | None:
    own = key.startswith(f"work:{request.staff.pk}:")
    if key.startswith("work:") and not own and not may(request.staff, Permission.SEE_WORKLOAD):
        return None
    zone, patients = ZoneInfo(request.staff.clinic.timezone), choice.patients(request.staff)
    recent, _, _ = alert_rows(patients, choice, now)
    since = now - timedelta(days=choice.days)
    rows = alerts_behind(key, [row for row in recent if row.opened_at >= since], recent, zone)
    if rows is None:
        return None
    alerts = rows_of(Alert, patient=patients).filter(pk__in=[row.pk for row in rows]).select_related("patient")
    by_pk = {alert.pk: alert for alert in alerts}
    return [_alert_person(row, by_pk[row.pk]) for row in rows if row.pk in by_pk]


def _alert_person(row: AlertRow, alert: Alert) -> Behind:
    words = {"seen": "seen", "contacted": "in touch", "closed": "closed"}
    said = [
        f"{words[name]} {wait_words(times([row], name).median)}"
        for name in MOMENTS
        if MOMENTS[name](row) is not None
    ]
    missing = ["no contact"] if MOMENTS["contacted"](row) is None else []
    ended = OUTCOMES.get(row.outcome, "") if row.closed_at else "open"
    return Behind(alert.patient, ", ".join([*said, *missing]), ended, row.tier, row.since)


def _of_recoveries(request: StaffRequest, choice: Choice, key: str, now: datetime) -> list[Behind] | None:
    reduced = reduced_by_the_rules(request.staff.clinic_id, now)
    rows, _ = recoveries(request.staff, choice, choice.days, now)
    behind = recoveries_behind(key, outcomes(rows, choice.days, reduced))
    if behind is None:
        return None
    by_id = {row.id: row for row in rows if row.id in behind}
    chosen_ones = choice.procedures(request.staff).filter(pk__in=by_id).select_related("patient")
    found = chosen_ones.order_by("patient__last_name", "patient__first_name", "-ended_at")
    return [
        Behind(
            procedure.patient,
            _facts(by_id[procedure.pk], key),
            ", ".join(
                filter(None, (f"day {by_id[procedure.pk].day}", " ".join(procedure.levels), procedure.surgeon))
            ),
        )
        for procedure in found
    ]


def _facts(row: Recovery, key: str) -> str:
    """Return what the number counts of this person."""
    kind, _, rest = key.partition(":")
    if kind in ("adherence", "late", "logged"):
        late = f", enrolled on day {row.enrolled_day}" if row.enrolled_day > 0 else ""
        return f"Logged on {days_logged(row)} of the first {FIRST_DAYS} days{late}"
    if kind in ("pain", "lasting"):
        return _pain_facts(row, rest.partition(":")[0] if kind == "pain" else "42")
    if kind == "fractures":
        return "A new fracture is in the record" if row.new_fracture else "None in the record"
    return "A cement leak is in the record" if row.leak else "None in the record"


def _pain_facts(row: Recovery, day: str) -> str:
    before = "not known" if row.baseline is None else str(row.baseline)
    days: Sequence[int] = [at for at in PAIN_DAYS if str(at) == day]
    if not days:
        return f"Pain before {before}"
    pain = pain_near(row, days[0])
    return f"Pain {before} before, {'no answer' if pain is None else pain} around day {days[0]}"

"""Numbers of the whole installation for monitoring, in about twenty statements of any size.

The canary clinic is left out. A name ends with the period it covers; all other numbers are current.
"""

from datetime import datetime, timedelta

from django.db.models import Count, Min

from alerts.models import SetAside
from alerts.monitoring.measures import Measure, alert_measures, delivery_measures, process_measures
from alerts.monitoring.promises import ask
from patients.tiers import TIERS
from recovery.models import Assessment, DailyLog
from recovery.promises import EVERY_PROMISE, LOOK_BACK
from recovery.selectors.differences import DAYS
from recovery.sweeps import EVERY_WORK
from recovery.wording.difference import KINDS

DAY = timedelta(days=1)


def measures(now: datetime) -> list[Measure]:
    """Return all numbers in the order they are shown."""
    return [
        *_logs(now),
        *alert_measures(now),
        *delivery_measures(now),
        *process_measures(now),
        _set_aside(),
        *_promises(now),
    ]


def _logs(now: datetime) -> list[Measure]:
    logs = DailyLog.objects.filter(patient__clinic__is_canary=False)
    lately = logs.filter(received_at__gte=now - DAY, received_at__lte=now)
    judged = dict(
        lately.exclude(assessment=None).values_list("assessment__tier").annotate(n=Count("pk")).order_by()
    )
    waiting = logs.filter(assessment=None, received_at__gte=now - LOOK_BACK).aggregate(
        n=Count("pk"), at=Min("received_at")
    )
    differ = Assessment.objects.exclude(difference="").filter(patient__clinic__is_canary=False)
    kinds = differ.filter(at__gte=now - timedelta(days=DAYS)).values_list("difference").annotate(n=Count("pk"))
    age = (now - waiting["at"]).total_seconds() if waiting["at"] else 0
    return [
        Measure.one("kypho_logs_received_day", "Logs that arrived in the last 24 h", lately.count()),
        Measure.by("kypho_logs_judged_day", "Judged logs of the last 24 h", "tier", judged, TIERS),
        Measure.one("kypho_logs_unjudged", "Logs of the last 3 days that nobody has judged", waiting["n"]),
        Measure.one("kypho_logs_unjudged_oldest_seconds", "Age of the oldest of them", max(age, 0)),
        Measure.by(
            "kypho_verdict_differences_week",
            "Verdicts of the last 7 days in which phone and server differ",
            "kind",
            dict(kinds.order_by()),
            tuple(KINDS),
        ),
    ]


def _set_aside() -> Measure:
    found = dict(SetAside.objects.values_list("sweep").annotate(n=Count("pk")).order_by())
    words = "Rows that a sweep could not handle and set aside, by sweep"
    return Measure.by("kypho_rows_set_aside", words, "sweep", found, [work.name for work in EVERY_WORK])


def _promises(now: datetime) -> list[Measure]:
    """Return the number of broken promises by name, counted up to 21 each."""
    found = {one.promise.key: len(one.offenders) for one in ask(EVERY_PROMISE, now)}
    words = "Who is let down right now, by promise (docs/runbook.md); 21 means 21 or more"
    return [Measure.by("kypho_promise_broken", words, "promise", found, tuple(found))]

"""Measures of alerts, messages and processes of the whole installation, for monitoring (recovery.measures)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Min, Q

from alerts.messaging.channels import CHANNELS
from alerts.models import Alert, CanaryRun, Delivery, ProcessBeat
from alerts.monitoring.figures import CONTACT, SEEN, TIERS
from alerts.states import ACTIVE

DAY, WEEK = timedelta(days=1), timedelta(days=7)
QUANTILES = (0.5, 0.9, 0.99)
# The first message by a provider, the first person, and the first contact since the alert's clock last started.
ANSWERS = """
SELECT a.tier, count(*), {quantiles}
FROM alerts_alert a JOIN patients_clinic c ON c.id = a.clinic_id AND NOT c.is_canary
CROSS JOIN LATERAL (
  SELECT (SELECT min(d.sent_at) FROM alerts_delivery d
          WHERE d.alert_id = a.id AND d.channel <> 'board' AND d.sent_at >= a.clock_started_at) AS sent,
         (SELECT min(e.at) FROM alerts_alertevent e
          WHERE e.alert_id = a.id AND e.what = ANY(%s) AND e.at >= a.clock_started_at) AS seen,
         (SELECT min(e.at) FROM alerts_alertevent e
          WHERE e.alert_id = a.id AND e.what = ANY(%s) AND e.at >= a.clock_started_at) AS contacted
) t
WHERE a.opened_at >= %s AND a.opened_at <= %s AND a.tier <> 'watch' GROUP BY a.tier
"""
STEPS = ("sent", "seen", "contacted")


@dataclass(frozen=True)
class Measure:
    """A named measure with one number, or one number per value of its labels."""

    name: str
    words: str
    labels: tuple[str, ...]
    samples: Sequence[tuple[tuple[str, ...], float]]

    @classmethod
    def one(cls, name: str, words: str, number: float) -> "Measure":
        """A measure without labels."""
        return cls(name, words, (), [((), number)])

    @classmethod
    def by(cls, name: str, words: str, label: str, found: Mapping[str, float], known: Sequence[str]) -> "Measure":
        """A measure with one label. Known values without a number count as 0, so that no line comes and goes."""
        return cls(name, words, (label,), [((key,), found.get(key, 0)) for key in known])


def alert_measures(now: datetime) -> list[Measure]:
    """Active alerts, how late the latest is in seconds, and the answers of the last 7 days. Two statements."""
    active = Alert.objects.filter(state__in=ACTIVE, clinic__is_canary=False).order_by()
    rows = active.values_list("state", "tier").annotate(n=Count("pk"), due=Min("next_step_at"))
    late = dict.fromkeys(TIERS, 0.0)
    samples = []
    for state, tier, number, due in rows:
        samples.append(((state, tier), number))
        late[tier] = max(late[tier], (now - due).total_seconds())
    return [
        Measure("kypho_alerts_active", "Alerts that are not closed", ("state", "tier"), samples),
        Measure.by("kypho_alerts_overdue_seconds", "How late the latest next step is", "tier", late, TIERS),
        *_answers(now),
    ]


def _answers(now: datetime) -> list[Measure]:
    fractions = ",".join(str(q) for q in QUANTILES)
    spread = "percentile_cont(ARRAY[{0}]) WITHIN GROUP (ORDER BY extract(epoch FROM t.{1} - a.clock_started_at))"
    columns = ", ".join(f"{spread.format(fractions, step)}, count(t.{step})" for step in STEPS)
    with connection.cursor() as cursor:
        cursor.execute(ANSWERS.format(quantiles=columns), [list(SEEN), list(CONTACT), now - WEEK, now])
        rows = cursor.fetchall()
    seconds, counts = [], []
    for tier, opened, *rest in rows:
        counts.append(((tier, "opened"), opened))
        for step, spreads, number in zip(STEPS, rest[::2], rest[1::2], strict=True):
            counts.append(((tier, step), number))
            seconds += [((tier, step, str(q)), v) for q, v in zip(QUANTILES, spreads or (), strict=False)]
    labels = ("tier", "step")
    return [
        Measure("kypho_alerts_week", "Urgent alerts of the last 7 days that got so far", labels, counts),
        Measure(
            "kypho_alert_answer_seconds",
            "Seconds until the first message left, a person saw it, the patient was contacted (last 7 days)",
            (*labels, "quantile"),
            seconds,
        ),
    ]


def delivery_measures(now: datetime) -> list[Measure]:
    """The messages of the last 24 h by channel and state, and the longest wait in seconds. Two statements."""
    real = Delivery.objects.exclude(alert__clinic__is_canary=True).order_by()
    lately = real.filter(created_at__gte=now - DAY).values_list("channel", "state").annotate(n=Count("pk"))
    counted = {(channel, state): number for channel, state, number in lately}
    pending = real.filter(state=Delivery.State.PENDING, due_at__lte=now).values_list("urgency")
    oldest = {str(urgency): (now - at).total_seconds() for urgency, at in pending.annotate(at=Min("due_at"))}
    keys = [(channel, state) for channel in CHANNELS for state in Delivery.State.values]
    dead = sum(number for (_, state), number in counted.items() if state == Delivery.State.DEAD)
    return [
        Measure(
            "kypho_deliveries_day",
            "Messages written in the last 24 h",
            ("channel", "state"),
            [(key, counted.get(key, 0)) for key in keys],
        ),
        Measure.one("kypho_deliveries_dead_day", "Messages of the last 24 h that were given up", dead),
        Measure.by(
            "kypho_delivery_oldest_waiting_seconds",
            "Longest wait after its time",
            "urgency",
            oldest,
            ("0", "1", "2"),
        ),
    ]


def process_measures(now: datetime) -> list[Measure]:
    """Seconds since each driver's last round and the last answered canary; without those that never came.

    Two statements.
    """
    beats = ProcessBeat.objects.filter(Q(name__startswith="tick:") | Q(name="watchdog")).order_by("name")
    ages = [((row.name,), max((now - row.beat_at).total_seconds(), 0)) for row in beats]
    answered = CanaryRun.objects.filter(state=CanaryRun.State.ANSWERED).order_by("-due_at").first()
    found = [Measure("kypho_process_age_seconds", "Since the last finished round of a driver", ("process",), ages)]
    if answered and answered.ended_at and answered.sent_at:
        since = (now - answered.ended_at).total_seconds()
        took = (answered.ended_at - answered.sent_at).total_seconds()
        found.append(Measure.one("kypho_canary_answered_age_seconds", "Since the canary was last answered", since))
        found.append(Measure.one("kypho_canary_answer_seconds", "How long its last answer took", took))
    return found

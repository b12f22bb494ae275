"""Open an alert, fold a new log into it, or upgrade it. It only rises by itself: lowering is for people."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from alerts.lifecycle.clock_runs import RUN_FIELDS, restart
from alerts.lifecycle.patient_status import refresh_status, silence_sign
from alerts.lifecycle.tell_colleague import tell_holder
from alerts.messaging import webhooks
from alerts.models import Alert, AlertEvent, AlertSign
from alerts.policy.policies import plan_for
from alerts.states import ACTIVE
from patients.models import Patient
from patients.tiers import RANK, URGENT

TELLS_SYSTEMS = {"opened": "alert.opened", "upgraded": "alert.escalated", "reopened": "alert.reopened"}
# Least to most urgent.
ANSWERED = (AlertSign.Ack.CONTACTED, AlertSign.Ack.EVALUATED)
MOST_REASON = AlertSign._meta.get_field("reason").max_length
# Used when whoever raises an alert names no sign: a person has to look.
UNNAMED_SIGN = "unreadable"


@dataclass(frozen=True)
class SignInput:
    """One sign as the rules see it in a log: its tier now, worse than its snapshot or not, its values.

    fresh: no answer given before covers it (clinical rules, "always fresh").
    seen_within_hours: after a contact it must still be examined in person, so soon; None: a contact is enough.
    plan_of: the tier whose plan it is paged by, when that is more urgent than its own.
    reason: what staff read of it in this log; it leaves by no message.
    """

    key: str
    tier: str
    worse: bool = False
    snapshot: dict[str, Any] = field(default_factory=dict)
    fresh: bool = False
    seen_within_hours: int | None = None
    plan_of: str = ""
    reason: str = ""


def raise_alert(*, patient: Patient, tier: str, priority: str, signs: Iterable[SignInput], now: datetime) -> Alert:
    """Make sure these signs are on the patient's one active alert. Hold the patient's row lock when calling.

    A higher tier, or a sign paged by a higher tier's plan, restarts the clock with that plan. A new urgent sign,
    or a worse one, re-opens a taken alert and brings the next step of an open one forward; so does an emergency
    told again after a contact. A sign that must be examined and is still there after a contact tells whoever has
    the alert. The same sign again otherwise only folds in.
    """
    given = _one_per_key(signs)
    alert = Alert.objects.select_for_update(no_key=True).filter(patient=patient, state__in=ACTIVE).first()
    if alert is None:
        return _open(patient, priority or "P4", _with_tier(given, tier), now)
    known = {row.sign: row for row in AlertSign.objects.filter(patient=patient, resolved_at__isnull=True)}
    given = _with_tier(given, tier, *(row.tier for row in known.values()))
    return _fold_in(alert, patient, priority or "P4", given, known, now)


def _open(patient: Patient, priority: str, given: list[SignInput], now: datetime) -> Alert:
    tier = _highest(*(sign.tier for sign in given))
    plan_tier = _plan_tier(tier, given)
    alert = Alert.objects.create(
        clinic_id=patient.clinic_id,
        patient=patient,
        tier=tier,
        priority=priority,
        plan=plan_for(patient.clinic_id, plan_tier).to_json(),
        plan_of="" if plan_tier == tier else plan_tier,
        opened_at=now,
        clock_started_at=now,
        next_step_at=now,
    )
    AlertSign.objects.bulk_create(_new_sign(alert, sign, now) for sign in given)
    _write_event(alert, "opened", given, now)
    refresh_status(patient, alert, now, silent=any(sign.key == silence_sign() for sign in given))
    return alert


def _fold_in(
    alert: Alert,
    patient: Patient,
    priority: str,
    given: list[SignInput],
    known: dict[str, AlertSign],
    now: datetime,
) -> Alert:
    """1. Signs: add or update. 2. Clock: upgrade, re-open, bring forward, or leave. 3. Event and status.
    4. Whoever has it hears that a sign they should see to is still there."""
    still = [sign for sign in given if _is_still_to_be_seen(sign, known.get(sign.key))]
    again = [sign for sign in given if _asks_again(sign, known.get(sign.key))]
    _store_signs(alert, known, given, again, now)
    rises = _rises(alert, priority, given, known)
    what = _move_clock(alert, given, again or rises, now)
    alert.priority = min(alert.priority, priority)
    if what == "folded" and still:
        what = tell_holder(alert, now)
    alert.save(update_fields=[*RUN_FIELDS, "tier", "priority", "plan", "plan_of"])
    _write_event(alert, what, given, now)
    silent = silence_sign() in {*known, *(sign.key for sign in given)}
    refresh_status(patient, alert, now, silent=silent)
    return alert


def _asks_again(sign: SignInput, row: AlertSign | None) -> bool:
    """Does this sign need a person again, whatever was answered before?"""
    urgent = sign.tier in URGENT
    if row is None:
        return urgent
    # Somebody spoke with the patient since; an emergency, or what is always fresh, was told anew.
    told_anew = (sign.fresh or sign.tier == Alert.Tier.CALL_911) and row.ack in ANSWERED
    return sign.worse or (urgent and (told_anew or _highest(sign.tier, row.tier) != row.tier))


def _rises(alert: Alert, priority: str, given: list[SignInput], known: dict[str, AlertSign]) -> list[SignInput]:
    """What ends a snooze although it would not re-open a taken watch item: a new sign, or a higher priority."""
    if alert.snoozed_until is None:
        return []
    return given if priority < alert.priority else [sign for sign in given if sign.key not in known]


def _is_still_to_be_seen(sign: SignInput, row: AlertSign | None) -> bool:
    """Somebody spoke with the patient about it, nobody has examined them, and the sign is there."""
    return bool(sign.seen_within_hours and row and row.ack == AlertSign.Ack.CONTACTED)


def _move_clock(alert: Alert, given: list[SignInput], again: list[SignInput], now: datetime) -> str:
    """Change the alert for what came in; the name of what happened."""
    tier = _highest(alert.tier, *(sign.tier for sign in given))
    plan_tier = _plan_tier(_highest(tier, alert.plan_tier), given)
    if (tier, plan_tier) != (alert.tier, alert.plan_tier):
        alert.tier, alert.plan_of = tier, "" if plan_tier == tier else plan_tier
        alert.plan = plan_for(alert.clinic_id, plan_tier).to_json()
        restart(alert, now)
        return "upgraded"
    if again and alert.state == Alert.State.ACKED:
        restart(alert, now)
        return "reopened"
    if again:
        alert.next_step_at = min(alert.next_step_at or now, now)
        return "worse"
    return "folded"


def _plan_tier(tier: str, given: list[SignInput]) -> str:
    """By whose plan people are told."""
    return _highest(tier, *(sign.plan_of for sign in given if sign.plan_of))


def _store_signs(
    alert: Alert, known: dict[str, AlertSign], given: list[SignInput], again: list[SignInput], now: datetime
) -> None:
    """Add the new signs, count the known ones; a sign that asks again is unanswered again."""
    fresh = [_new_sign(alert, sign, now) for sign in given if sign.key not in known]
    seen = [_seen_again(known[sign.key], sign, sign in again, now) for sign in given if sign.key in known]
    if fresh:
        AlertSign.objects.bulk_create(fresh)
    if seen:
        fields = [
            "occurrences",
            "latest",
            "reason",
            "last_seen_at",
            "tier",
            "ack",
            "acked_at",
            "seen_within_hours",
        ]
        AlertSign.objects.bulk_update(seen, fields)


def _seen_again(row: AlertSign, sign: SignInput, unanswered: bool, now: datetime) -> AlertSign:
    row.occurrences += 1
    row.latest = sign.snapshot
    row.reason = sign.reason[:MOST_REASON]
    row.last_seen_at = now
    row.tier = _highest(row.tier, sign.tier)
    row.seen_within_hours = sign.seen_within_hours
    if unanswered:
        row.ack, row.acked_at = AlertSign.Ack.NONE, None
    return row


def _new_sign(alert: Alert, sign: SignInput, now: datetime) -> AlertSign:
    return AlertSign(
        alert=alert,
        patient_id=alert.patient_id,
        sign=sign.key,
        tier=sign.tier,
        seen_within_hours=sign.seen_within_hours,
        snapshot=sign.snapshot,
        latest=sign.snapshot,
        reason=sign.reason[:MOST_REASON],
        opened_at=now,
        last_seen_at=now,
    )


def _write_event(alert: Alert, what: str, given: list[SignInput], now: datetime) -> None:
    detail = {
        "tier": alert.tier,
        "signs": [sign.key for sign in given],
        "worse": [sign.key for sign in given if sign.worse],
    }
    AlertEvent.objects.create(alert=alert, at=now, what=what, detail=detail)
    if what in TELLS_SYSTEMS:
        webhooks.tell(alert, TELLS_SYSTEMS[what], now)


def _one_per_key(signs: Iterable[SignInput]) -> list[SignInput]:
    """A sign named by two rules counts once: its higher tier, worse when either says so."""
    merged: dict[str, SignInput] = {}
    for sign in signs:
        other = merged.get(sign.key)
        if other:
            sign = replace(
                other,
                tier=_highest(sign.tier, other.tier),
                worse=sign.worse or other.worse,
                fresh=sign.fresh or other.fresh,
                seen_within_hours=sign.seen_within_hours or other.seen_within_hours,
                plan_of=sign.plan_of or other.plan_of,
            )
        merged[sign.key] = sign
    return list(merged.values())


def _with_tier(given: list[SignInput], tier: str, *known_tiers: str) -> list[SignInput]:
    """An alert's tier is that of a sign on it: one that no sign explains gets a sign of its own."""
    tiers = [*(sign.tier for sign in given), *known_tiers]
    if given and _highest(tier, *tiers) == _highest(*tiers):
        return given
    return [*given, SignInput(UNNAMED_SIGN, tier)]


def _highest(*tiers: str) -> str:
    return max(tiers, key=RANK.__getitem__)

"""A log opens an alert, adds to it or upgrades it. The system only ever raises its tier; people close it."""

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
# The answers for which staff spoke with the patient or examined them.
ANSWERED = (AlertSign.Ack.CONTACTED, AlertSign.Ack.EVALUATED)
MOST_REASON = AlertSign._meta.get_field("reason").max_length
# The sign of an alert that was raised without one: a person has to look.
UNNAMED_SIGN = "unreadable"


@dataclass(frozen=True)
class SignInput:
    """One sign as the rules see it in a log: its tier now, whether it is worse than its snapshot, its values.

    fresh: no earlier answer covers it (clinical rules, "always fresh").
    seen_within_hours: hours after a contact within which the patient must be examined; None: a contact is enough.
    plan_of: the tier whose plan pages it, when that tier is more urgent than its own.
    reason: the words that staff read on screen; no message carries them.
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
    """Put these signs on the patient's one active alert; open one when there is none. Returns the alert.

    A higher tier, or a sign that a higher tier's plan pages, restarts the clock with that plan. A new urgent sign
    or a worse sign re-opens a taken alert; for an open alert it makes the next step due now. An emergency, or an
    urgent sign that is always fresh, does the same when it is told again after a contact. The holder of the alert
    is told when a sign that needs an examination is still there after a contact. Any other known sign is only
    counted and updated.

    The caller holds the patient's row lock.
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
    """Add signs to an active alert: update its signs, move its clock, tell its holder, write event and status."""
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
    """Does this sign need a person again, despite earlier answers?"""
    urgent = sign.tier in URGENT
    if row is None:
        return urgent
    # Staff answered this sign and the patient reports it again: an emergency, or a sign that is always fresh.
    told_anew = (sign.fresh or sign.tier == Alert.Tier.CALL_911) and row.ack in ANSWERED
    return sign.worse or (urgent and (told_anew or _highest(sign.tier, row.tier) != row.tier))


def _rises(alert: Alert, priority: str, given: list[SignInput], known: dict[str, AlertSign]) -> list[SignInput]:
    """The signs that end a snooze: new ones, or all when the priority rose. Other taken watch items stay taken."""
    if alert.snoozed_until is None:
        return []
    return given if priority < alert.priority else [sign for sign in given if sign.key not in known]


def _is_still_to_be_seen(sign: SignInput, row: AlertSign | None) -> bool:
    """Is a sign that needs an examination still there after staff only spoke with the patient?"""
    return bool(sign.seen_within_hours and row and row.ack == AlertSign.Ack.CONTACTED)


def _move_clock(alert: Alert, given: list[SignInput], again: list[SignInput], now: datetime) -> str:
    """Upgrade, re-open or bring forward the alert, or leave its clock. Returns the name of the event."""
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
    """The most urgent of the tier and the tiers whose plans page these signs."""
    return _highest(tier, *(sign.plan_of for sign in given if sign.plan_of))


def _store_signs(
    alert: Alert, known: dict[str, AlertSign], given: list[SignInput], again: list[SignInput], now: datetime
) -> None:
    """Add the new signs and count the known ones; a sign that asks again loses its answer."""
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
    """Merge the signs that two rules name: the higher tier counts, and worse when either rule says so."""
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
    """The given signs, and an unnamed sign when no sign has the alert's tier."""
    tiers = [*(sign.tier for sign in given), *known_tiers]
    if given and _highest(tier, *tiers) == _highest(*tiers):
        return given
    return [*given, SignInput(UNNAMED_SIGN, tier)]


def _highest(*tiers: str) -> str:
    return max(tiers, key=RANK.__getitem__)

"""Step 5, tell: what a verdict brings about.

Alert, assessment, notes to helpers and the patient's status are written in the transaction that judged; what is to
be sent is a row there too, and leaves after the commit.
"""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from alerts import lifecycle as alert_services
from alerts.failpoints import failpoint
from alerts.lifecycle import selectors as alert_selectors
from alerts.models import Alert
from alerts.screens import live
from patients.models import Patient
from patients.status import rest_rank
from patients.tiers import CALL_911, CALL_DOCTOR_NOW, URGENT, WATCH, worse
from recovery.logs import helper_notes
from recovery.models import Assessment, DailyLog
from recovery.settings.outside_bounds import tell_lead
from recovery.state.judgement import Judged, sign_inputs, stored
from recovery.triage.rulebook import silence_sign
from recovery.wording.difference import difference

PHONE_WORSE = "phone_judged_worse"
UNREADABLE = "unreadable"
# The common words of each urgent tier (clinical rules), for when no rule of ours says more.
TIER_WORDS = {
    CALL_911: "Call 911 now. Do not drive. Tell them you had spine cement put in.",
    CALL_DOCTOR_NOW: "Call your doctor now. If no one calls you back soon, go to the ER.",
}
log_lines = logging.getLogger(__name__)


def tell(log: DailyLog, judged: Judged, now: datetime) -> Assessment:
    """Write alert, assessment, notes to helpers and the patient's status; the patient's row is locked."""
    verdict, newest = judged.verdict, judged.newest
    patient, known = judged.beside.procedure.patient, judged.beside.alerts
    tier = worse(verdict.tier, log.phone_tier)
    kept, signs = stored(verdict), sign_inputs(verdict)
    if tier != verdict.tier:
        # Only the phone judged it so urgent: the words of that tier come first, and its alert gets a sign.
        signs.append(alert_services.SignInput(PHONE_WORSE, tier, False, {}))
        kept["messages"] = _words_of(tier) or kept["messages"]
    gone = _gone(log, known, newest=newest)
    alert = _alert(patient, tier, signs, verdict.nurse_priority or "P4", known, now, gone=gone)
    failpoint("in_judge")
    assessment = Assessment.objects.create(
        **kept,
        log=log,
        patient=patient,
        at=now,
        tier=tier,
        phone_tier=log.phone_tier,
        phone_rulebook=log.phone_rulebook,
        phone_facts=log.phone_facts,
        phone_fired=log.phone_fired,
        difference=difference(verdict.tier, [f.id for f in verdict.fired], log.phone_tier, log.phone_fired),
        alert=alert,
    )
    helper_notes.tell_helpers(log, assessment, now)
    tell_lead(patient.clinic_id, verdict.problems, now)
    if newest and log.only_fine:
        _heard_from(patient, log, now)
    elif newest:
        _set_status(patient, log, tier, rest=alert is None and not _open_signs(known), now=now)
    else:
        _look_again(patient, now)
    return assessment


def give_to_a_person(log: DailyLog, now: datetime) -> None:
    """The rules failed twice: never quieter than call_doctor_now, with the reason 'unreadable'."""
    tier = worse(CALL_DOCTOR_NOW, log.phone_tier)
    with transaction.atomic():
        patient = Patient.all_clinics.select_for_update().get(pk=log.patient_id)
        sign = alert_services.SignInput(UNREADABLE, tier, False, {})
        alert = alert_services.raise_alert(patient=patient, tier=tier, priority="P1", signs=[sign], now=now)
        assessment = Assessment.objects.create(
            log=log,
            patient=patient,
            at=now,
            tier=tier,
            messages=_words_of(tier),
            nurse_priority="P1",
            rulebook=UNREADABLE,
            unreadable=True,
            alert=alert,
        )
        _tell_helpers_if_possible(log, assessment, now)
        _set_status(patient, log, tier, rest=False, now=now)


def _tell_helpers_if_possible(log: DailyLog, assessment: Assessment, now: datetime) -> None:
    """What failed before may have been this: the alert comes first."""
    try:
        with transaction.atomic():
            helper_notes.tell_helpers(log, assessment, now)
    except Exception as error:
        log_lines.error("helpers not told of log %s: %s", log.pk, type(error).__name__)


def _open_signs(known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The alert objects that are still open."""
    return [item for item in known if item["status"] == "open"]


def _gone(log: DailyLog, known: list[dict[str, Any]], *, newest: bool) -> frozenset[str]:
    """Open watch signs that are over unless this log has them: only the newest log, and all of it, shows that.

    A short answer shows only that the silence is over.
    """
    if not newest or log.partial:
        return frozenset()
    watched = frozenset(item["sign"] for item in _open_signs(known) if item["tier"] == WATCH)
    return watched & {silence_sign()} if log.answers.get("short_answer") else watched


def _alert(
    patient: Patient,
    tier: str,
    signs: list[alert_services.SignInput],
    priority: str,
    known: list[dict[str, Any]],
    now: datetime,
    *,
    gone: frozenset[str],
) -> Alert | None:
    """Open, fold in or upgrade the patient's alert; urgent tiers always end with one.

    gone: watch signs to close that this log does not show any more.
    """
    present = frozenset(sign.key for sign in signs)
    if gone - present:
        kept = frozenset(item["sign"] for item in _open_signs(known)) - gone
        alert_services.clear_watch_signs(patient=patient, present=present | kept, now=now)
    if signs:
        return alert_services.raise_alert(patient=patient, tier=tier, priority=priority, signs=signs, now=now)
    if tier not in URGENT:
        return None
    # Only a latch (RL-01, RL-02) fired: what is meant is the alert that is still open.
    return alert_selectors.active_alert(patient.pk)


def _set_status(patient: Patient, log: DailyLog, tier: str, *, rest: bool, now: datetime) -> None:
    """The small status on the patient's row; where there is an alert, that has set the rank."""
    status: dict[str, Any] = {
        "last_log_at": Greatest(F("last_log_at"), log.happened_at),
        "last_log_tier": tier,
        "plan_due_at": now,
    }
    if rest:
        status |= {"work_rank": rest_rank(), "waiting_since": log.happened_at, "nurse_priority": ""}
    Patient.all_clinics.filter(pk=patient.pk).update(**status)
    transaction.on_commit(lambda: live.publish(patient.clinic_id))


def _heard_from(patient: Patient, log: DailyLog, now: datetime) -> None:
    """One word, "fine": it ends the silence and lowers nothing."""
    Patient.all_clinics.filter(pk=patient.pk).update(
        last_log_at=Greatest(F("last_log_at"), log.happened_at), plan_due_at=now
    )
    transaction.on_commit(lambda: live.publish(patient.clinic_id))


def _look_again(patient: Patient, now: datetime) -> None:
    """A log from before the newest one: what is urgent in it has its alert, and nothing else changes."""
    Patient.all_clinics.filter(pk=patient.pk).update(plan_due_at=now)
    transaction.on_commit(lambda: live.publish(patient.clinic_id))


def _words_of(tier: str) -> list[dict[str, Any]]:
    """The common words of an urgent tier as an assessment keeps them; of another tier none."""
    return [{"rule": "", "text": TIER_WORDS[tier], "sources": []}] if tier in TIER_WORDS else []

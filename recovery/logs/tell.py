"""Step 5, tell: write what follows from a verdict.

The transaction that judged the log also writes the alert, the assessment, the notes to helpers and the patient's
status. Messages are rows of the outbox in that transaction and are sent after the commit.
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
# The common words of each urgent tier (clinical rules), used when no rule gives its own message.
TIER_WORDS = {
    CALL_911: "Call 911 now. Do not drive. Tell them you had spine cement put in.",
    CALL_DOCTOR_NOW: "Call your doctor now. If no one calls you back soon, go to the ER.",
}
log_lines = logging.getLogger(__name__)


def tell(log: DailyLog, judged: Judged, now: datetime) -> Assessment:
    """Write alert, assessment, notes to helpers and the patient's status. The patient's row must be locked."""
    verdict, newest = judged.verdict, judged.newest
    patient, known = judged.beside.procedure.patient, judged.beside.alerts
    tier = worse(verdict.tier, log.phone_tier)
    kept, signs = stored(verdict), sign_inputs(verdict)
    if tier != verdict.tier:
        # The phone judged the log more urgent than the server. Use the phone's tier, its words and a sign.
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
    """Raise an alert for a log the rules could not read: at least call_doctor_now, with the sign 'unreadable'."""
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
    """Write the notes to helpers, but keep the alert if that fails: it may be what failed the first time."""
    try:
        with transaction.atomic():
            helper_notes.tell_helpers(log, assessment, now)
    except Exception as error:
        log_lines.error("helpers not told of log %s: %s", log.pk, type(error).__name__)


def _open_signs(known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the signs that are still open."""
    return [item for item in known if item["status"] == "open"]


def _gone(log: DailyLog, known: list[dict[str, Any]], *, newest: bool) -> frozenset[str]:
    """Return the open watch signs that end unless this log shows them again.

    Only a complete log that is also the newest can end signs. A short answer ends only the silence.
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
    """Open, extend or upgrade the patient's alert. An urgent tier always ends with an alert.

    gone: watch signs to close unless `signs` still has them.
    """
    present = frozenset(sign.key for sign in signs)
    if gone - present:
        kept = frozenset(item["sign"] for item in _open_signs(known)) - gone
        alert_services.clear_watch_signs(patient=patient, present=present | kept, now=now)
    if signs:
        return alert_services.raise_alert(patient=patient, tier=tier, priority=priority, signs=signs, now=now)
    if tier not in URGENT:
        return None
    # Only a latch (RL-01, RL-02) fired, and it stands for the alert that is still open.
    return alert_selectors.active_alert(patient.pk)


def _set_status(patient: Patient, log: DailyLog, tier: str, *, rest: bool, now: datetime) -> None:
    """Update the status columns of the patient's row; rest: also the rank, when no alert has set it."""
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
    """Record the short answer "fine": it counts as contact and lowers no tier."""
    Patient.all_clinics.filter(pk=patient.pk).update(
        last_log_at=Greatest(F("last_log_at"), log.happened_at), plan_due_at=now
    )
    transaction.on_commit(lambda: live.publish(patient.clinic_id))


def _look_again(patient: Patient, now: datetime) -> None:
    """Make the plan due after a log older than the newest one; the patient's status stays as it is."""
    Patient.all_clinics.filter(pk=patient.pk).update(plan_due_at=now)
    transaction.on_commit(lambda: live.publish(patient.clinic_id))


def _words_of(tier: str) -> list[dict[str, Any]]:
    """Return the common words of an urgent tier in the form an assessment keeps; [] for another tier."""
    return [{"rule": "", "text": TIER_WORDS[tier], "sources": []}] if tier in TIER_WORDS else []

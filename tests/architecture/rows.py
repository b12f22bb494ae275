"""Rows that are fine as they are; a test changes one thing about them."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.models import (
    Alert,
    AlertSign,
    Delivery,
    Digest,
    Epoch,
    EpochCheck,
    EscalationPolicy,
    EscalationPolicyChange,
    EscalationStep,
    HandOverNote,
    OnCallChange,
    OnCallShift,
    Seal,
    SetAside,
    ShiftSwap,
    SmsReply,
    WebhookEndpoint,
)
from patients.models import (
    CalendarFeed,
    CallBack,
    ClinicOverride,
    FactorRescue,
    HelperTurn,
    HospitalStay,
    Job,
    PatientSheet,
    SheetColumns,
    SheetRow,
    Travel,
)
from recovery.models import (
    Assessment,
    CalendarEntry,
    CareMessage,
    CareMessageRead,
    ClinicSetting,
    DailyLog,
    PatientContact,
    PhoneCount,
    PhoneKey,
    Reminder,
    SealedLog,
)
from tests.people import Cast, make_helper

NOW = datetime(2026, 6, 10, 15, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def alert(people: Cast, **fields: Any) -> Alert:
    """An open alert."""
    known: dict[str, Any] = {
        "clinic": people.clinic,
        "patient": people.patient,
        "tier": "call_911",
        "plan": {},
        "opened_at": NOW,
        "clock_started_at": NOW,
        "next_step_at": NOW,
    }
    return Alert.objects.create(**{**known, **fields})


def resolved(people: Cast, **fields: Any) -> Alert:
    """An alert closed by a named person with an outcome."""
    known = {
        "state": "resolved",
        "next_step_at": None,
        "resolved_at": NOW,
        "resolved_by": people.nurse,
        "outcome": "advised",
    }
    return alert(people, **{**known, **fields})


def snoozed(people: Cast, **fields: Any) -> Alert:
    """A watch item that a nurse snoozed."""
    known = {
        "tier": "watch",
        "state": "acked",
        "acked_by": people.nurse,
        "acked_at": NOW,
        "ack_expires_at": LATER,
        "next_step_at": LATER,
        "snoozed_until": LATER,
        "snooze_reason": "Visit tomorrow",
    }
    return alert(people, **{**known, **fields})


def digest(people: Cast, **fields: Any) -> Digest:
    """A morning that is to come."""
    known = {"local_date": NOW.date(), "due_at": LATER}
    return Digest.objects.create(clinic=people.clinic, **{**known, **fields})


def sign(people: Cast, of: Alert, **fields: Any) -> AlertSign:
    """An open sign."""
    known = {"sign": "fever", "tier": "call_911", "opened_at": NOW, "last_seen_at": NOW}
    return AlertSign.objects.create(alert=of, patient=people.patient, **{**known, **fields})


def set_aside(row: int, **fields: Any) -> SetAside:
    """What a sweep could not do."""
    moments = {"since": NOW, "tried_at": NOW, "due_at": LATER}
    return SetAside.objects.create(sweep="plans", row=row, error="ValueError", **moments, **fields)


def setting(people: Cast, **fields: Any) -> ClinicSetting:
    """A stricter fever line that counts."""
    known: dict[str, Any] = {
        "clinic": people.clinic,
        "key": "fever_threshold_f",
        "value": 100.0,
        "loosens": False,
        "reason": "Because",
        "state": "active",
        "effective_from": NOW,
        "proposed_by": people.manager,
        "proposed_at": NOW,
    }
    return ClinicSetting.objects.create(**{**known, **fields})


def policy_change(people: Cast, **fields: Any) -> EscalationPolicyChange:
    """One save of the clinic's plan."""
    known = {"at": NOW, "staff": people.manager, "reason": "Because", "plan": {}}
    return EscalationPolicyChange.objects.create(policy=policy(people), **{**known, **fields})


def delivery(people: Cast, key: str = "a", **fields: Any) -> Delivery:
    """A message that waits."""
    known = {
        "channel": "email",
        "recipient": f"staff:{people.nurse.pk}",
        "message": "staff_alert",
        "created_at": NOW,
        "due_at": NOW,
        "send_by": LATER,
    }
    return Delivery.objects.create(key=key, **{**known, **fields})


def webhook(people: Cast, **fields: Any) -> WebhookEndpoint:
    """A system of the clinic that is told."""
    known = {"url": "https://hooks.example.org/in", "description": "Pager", "secret": "whsec_AAAA"}
    made = {"created_at": NOW, "created_by": people.manager}
    return WebhookEndpoint.objects.create(clinic=people.clinic, **{**known, **made, **fields})


def reply(provider_id: str, **fields: Any) -> SmsReply:
    """A text message from outside."""
    known = {"number": "+13125550111", "received_at": NOW, "what": "unclear"}
    return SmsReply.objects.create(provider_id=provider_id, **known, **fields)


def policy(people: Cast, **fields: Any) -> EscalationPolicy:
    """A plan of the clinic."""
    return EscalationPolicy.objects.create(clinic=people.clinic, **{"tier": "call_911", **fields})


def step(people: Cast, **fields: Any) -> EscalationStep:
    """A step of a new plan."""
    known: dict[str, Any] = {"position": 0, "audience": "all_nurses", "channels": ["email"]}
    if "policy" not in fields:
        known["policy"] = policy(people)
    return EscalationStep.objects.create(**{**known, **fields})


def shift(people: Cast, **fields: Any) -> OnCallShift:
    """An hour of the nurse's."""
    known = {"clinic": people.clinic, "staff": people.nurse, "starts_at": NOW, "ends_at": LATER}
    return OnCallShift.objects.create(**{**known, **fields})


def swap(people: Cast, **fields: Any) -> ShiftSwap:
    """The nurse offers an hour to a colleague."""
    known: dict[str, Any] = {"from_staff": people.nurse, "to_staff": people.nurse2, "offered_at": NOW}
    if "shift" not in fields:
        known["shift"] = shift(people)
    times = {"starts_at": NOW, "ends_at": LATER}
    return ShiftSwap.objects.create(clinic=people.clinic, **{**known, **times, **fields})


def hand_over_note(people: Cast, **fields: Any) -> HandOverNote:
    """What one nurse left for the other."""
    known = {"by": people.nurse, "to": people.nurse2, "written_at": NOW, "text": "Look at bed rest"}
    return HandOverNote.objects.create(clinic=people.clinic, **{**known, **fields})


def oncall_change(people: Cast) -> OnCallChange:
    """A line of the history."""
    return OnCallChange.objects.create(clinic=people.clinic, at=NOW, staff=people.manager, what="added")


def log(people: Cast, **fields: Any) -> DailyLog:
    """A log."""
    known = {
        "patient": people.patient,
        "procedure": people.procedure,
        "client_id": uuid.uuid4(),
        "answered_at": NOW,
        "received_at": NOW,
        "entered_by": people.patient.user,
        "answers": {},
    }
    return DailyLog.objects.create(**{**known, **fields})


def phone_key(people: Cast, **fields: Any) -> PhoneKey:
    """A key of the patient's phone."""
    known = {"user": people.patient.user, "public_key": "A", "made_at": NOW, "expires_at": LATER}
    return PhoneKey.objects.create(**{**known, **fields})


def phone_count(people: Cast, **fields: Any) -> PhoneCount:
    """Of two logs on the patient's phone the second has come."""
    known = {"user": people.patient.user, "patient": people.patient, "sequence": people.patient.code, "last": 2}
    waits = {"beyond": [2], "missing": 1, "missing_since": NOW, "told_at": NOW}
    return PhoneCount.objects.create(**{**known, **waits, **fields})


def envelope(people: Cast, **fields: Any) -> SealedLog:
    """One that nobody has opened yet."""
    about = people.patient.code
    known = {"patient": people.patient, "about": about, "client_id": about, "envelope": "{}", "digest": "0" * 64}
    if "phone_key" not in fields:
        known["phone_key"] = phone_key(people)
    return SealedLog.objects.create(**{**known, "received_at": NOW, **fields})


def assessment(people: Cast, **fields: Any) -> Assessment:
    """A judgement."""
    return Assessment.objects.create(patient=people.patient, at=NOW, rulebook="x", **{"tier": "watch", **fields})


def override(people: Cast, **fields: Any) -> ClinicOverride:
    """A clinic setting for one recovery."""
    known = {"key": "ice_ok", "value": False, "staff": people.nurse, "reason": "burns", "set_at": NOW}
    return ClinicOverride.objects.create(procedure=people.procedure, **{**known, **fields})


def stay(people: Cast, **fields: Any) -> HospitalStay:
    """A patient who is in the hospital."""
    by = people.nurse
    known = {"since": NOW, "noted_at": NOW, "noted_by": by, "checked_at": NOW, "checked_by": by}
    return HospitalStay.objects.create(patient=people.patient, **{**known, **fields})


def travel(people: Cast, **fields: Any) -> Travel:
    """A patient who lives by other clocks for a time."""
    known = {"zone": "Europe/Madrid", "home_zone": "America/Chicago", "began_at": NOW, "due_at": LATER}
    return Travel.objects.create(patient=people.patient, began_by=people.nurse.user, **{**known, **fields})


def calendar_feed(people: Cast, **fields: Any) -> CalendarFeed:
    """The address of the patient's calendar."""
    known = {"user": people.patient.user, "secret_hash": uuid.uuid4().hex, "made_at": NOW}
    return CalendarFeed.objects.create(patient=people.patient, **{**known, **fields})


def calendar_entry(people: Cast, **fields: Any) -> CalendarEntry:
    """A visit in calendars."""
    known = {"key": "visit:1", "starts_at": NOW, "changed_at": NOW}
    return CalendarEntry.objects.create(procedure=people.procedure, **{**known, **fields})


def helper_turn(people: Cast, **fields: Any) -> HelperTurn:
    """A helper who handed over to another."""
    known = {"giver": people.helper, "began_at": NOW, "due_at": LATER}
    taker = fields.pop("taker", None) or make_helper(people.patient)
    return HelperTurn.objects.create(patient=people.patient, taker=taker, **{**known, **fields})


def job(people: Cast, **fields: Any) -> Job:
    """Long work that somebody started."""
    known = {
        "asked_by": people.nurse,
        "asked_at": NOW,
        "kind": "import-sheet",
        "about": 1,
        "total": 2,
        "due_at": NOW,
    }
    return Job.objects.create(clinic=people.clinic, page="/desk/", title="x", **{**known, **fields})


def patient_sheet(people: Cast, **fields: Any) -> PatientSheet:
    """A file of patients that was read."""
    known = {"made_by": people.nurse, "made_at": NOW, "file_name": "x.csv", "header": ["Name"]}
    return PatientSheet.objects.create(clinic=people.clinic, **{**known, **fields})


def sheet_row(people: Cast, **fields: Any) -> SheetRow:
    """A row of a file."""
    sheet = fields.pop("sheet", None) or patient_sheet(people)
    return SheetRow.objects.create(clinic=people.clinic, sheet=sheet, **{"number": 2, "cells": ["x"], **fields})


def sheet_columns(people: Cast) -> SheetColumns:
    """What the clinic's columns hold."""
    return SheetColumns.objects.create(clinic=people.clinic, fields={"name": "full_name"})


def call_back(people: Cast, **fields: Any) -> CallBack:
    """A call-back that is promised."""
    known = {"promised_at": NOW, "promised_by": people.nurse, "due_at": NOW}
    return CallBack.objects.create(patient=people.patient, **{**known, **fields})


def patient_contact(people: Cast, **fields: Any) -> PatientContact:
    """A contact without an alert."""
    known = {"at": NOW, "staff": people.nurse, "kind": "contacted", "note": "x"}
    return PatientContact.objects.create(patient=people.patient, **{**known, **fields})


def care_message(people: Cast, **fields: Any) -> CareMessage:
    """What a nurse wrote to the patient."""
    known = {"sent_by": people.nurse, "sent_at": NOW, "text": "x", "language": "en", "once": "x"}
    return CareMessage.objects.create(patient=people.patient, **{**known, **fields})


def care_message_read(people: Cast, **fields: Any) -> CareMessageRead:
    """The patient opened a message."""
    message = fields.pop("message", None) or care_message(people)
    known = {"user": people.patient.user, "at": NOW}
    return CareMessageRead.objects.create(message=message, patient=people.patient, **{**known, **fields})


def note(people: Cast, **fields: Any) -> Reminder:
    """A note that waits."""
    return Reminder.objects.create(procedure=people.procedure, **{"key": "log:1", "due_at": NOW, **fields})


def change(row: Any, **fields: Any) -> None:
    """Straight in the database, past forms and services."""
    type(row)._base_manager.filter(pk=row.pk).update(**fields)


def twice(attempt: Callable[[], object]) -> None:
    """The second time has to fail."""
    attempt()
    attempt()


def epoch(**fields: Any) -> Epoch:
    """The first epoch of the records."""
    known = {"seen_at": NOW, "cause": "first", "server": 1, "timeline": 1, "table_id": 1}
    return Epoch.objects.create(**{**known, **fields})


def epoch_check(people: Cast, of: Epoch) -> EpochCheck:
    """A nurse has looked at what a copy may have lost."""
    return EpochCheck.objects.create(epoch=of, clinic=people.clinic, staff=people.nurse, at=NOW)


def seal(**fields: Any) -> Seal:
    """The first seal over the record of who looked."""
    known = {"trail": "looks", "number": 1, "after_id": 0, "up_to_id": 1, "columns": "id", "rows": 1}
    return Seal.objects.create(**{**known, "sealed_at": NOW, "checked_at": NOW, **fields})


def rescue(people: Cast, **fields: Any) -> FactorRescue:
    """The nurse lost her second factor, and her manager has asked."""
    known = {"person": people.nurse, "asked_by": people.manager, "asked_sure": "called", "asked_at": NOW}
    return FactorRescue.objects.create(**{**known, **fields})

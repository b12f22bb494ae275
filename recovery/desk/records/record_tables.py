"""Where a patient stands in the database: the tables of the whole record, and those left out, with reasons.

tests/recovery/test_record_file.py fails when a table that leads to a patient, or to their sign-in, is in neither.
"""

from collections.abc import Callable

from django.db.models import Model, Q, QuerySet

from alerts.models import Alert, AlertEvent, AlertSign, Delivery, DeliveryAction, SetAside, SmsReply
from patients.models import (
    AccessEvent,
    CalendarFeed,
    CallBack,
    Caregiver,
    ClinicOverride,
    Consent,
    HelperTurn,
    HospitalStay,
    Letter,
    Patient,
    Procedure,
    SheetRow,
    TrailEvent,
    Travel,
)
from patients.scoping import joined, rows_of
from recovery.models import (
    Assessment,
    CalendarEntry,
    CareMessage,
    CareMessageRead,
    DailyLog,
    Milestone,
    PatientContact,
    PhoneCount,
    PhoneKey,
    Reminder,
    SealedLog,
)

Rows = Callable[[Patient], QuerySet[Model]]


def _own(model: type[Model]) -> Rows:
    """The rows about a patient, also by way of their recovery or alert."""
    return lambda patient: rows_of(model, patient=patient)


def _sign_in(model: type[Model]) -> Rows:
    """The rows about the sign-in of a patient; none for a patient without one."""

    def rows(patient: Patient) -> QuerySet[Model]:
        if patient.user_id is None:
            return joined(model).none()
        return rows_of(model, user=patient.user_id)

    return rows


def _messages(patient: Patient) -> QuerySet[Delivery]:
    """The messages to a patient, to one of their phones, and to anybody about an alert of theirs."""
    to = f"patient:{patient.pk}"
    theirs = Q(alert__patient=patient) | Q(recipient=to) | Q(recipient__startswith=f"{to}:")
    return rows_of(Delivery, clinic=patient.clinic_id).filter(theirs)


def _pressed(patient: Patient) -> QuerySet[DeliveryAction]:
    return joined(DeliveryAction).filter(delivery__in=_messages(patient))


# By their name in the file. A name never changes while VERSION (record_file) stays.
TABLES: dict[str, tuple[type[Model], Rows]] = {
    "procedures": (Procedure, _own(Procedure)),
    "settings_for_this_patient": (ClinicOverride, _own(ClinicOverride)),
    "consents": (Consent, _own(Consent)),
    "helpers": (Caregiver, _own(Caregiver)),
    "turns_of_helpers": (HelperTurn, _own(HelperTurn)),
    "logs": (DailyLog, _own(DailyLog)),
    "assessments": (Assessment, _own(Assessment)),
    "envelopes": (SealedLog, _own(SealedLog)),
    "counts_of_phones": (PhoneCount, _own(PhoneCount)),
    "alerts": (Alert, _own(Alert)),
    "signs": (AlertSign, _own(AlertSign)),
    "history_of_alerts": (AlertEvent, _own(AlertEvent)),
    "replies_of_staff": (SmsReply, _own(SmsReply)),
    "contacts": (PatientContact, _own(PatientContact)),
    "messages_of_the_care_team": (CareMessage, _own(CareMessage)),
    "readings_of_these_messages": (CareMessageRead, _own(CareMessageRead)),
    "call_backs": (CallBack, _own(CallBack)),
    "hospital_stays": (HospitalStay, _own(HospitalStay)),
    "travels": (Travel, _own(Travel)),
    "milestones": (Milestone, _own(Milestone)),
    "notes_of_the_plan": (Reminder, _own(Reminder)),
    "calendar_entries": (CalendarEntry, _own(CalendarEntry)),
    "calendars": (CalendarFeed, _own(CalendarFeed)),
    "messages": (Delivery, _messages),
    "messages_sent_again": (DeliveryAction, _pressed),
    "rows_of_imported_files": (SheetRow, _own(SheetRow)),
    "work_that_failed": (SetAside, _own(SetAside)),
    "looks_and_changes": (AccessEvent, _own(AccessEvent)),
    "letters_about_the_sign_in": (Letter, _sign_in(Letter)),
    "trail_of_the_sign_in": (TrailEvent, _sign_in(TrailEvent)),
    "keys_of_phones": (PhoneKey, _sign_in(PhoneKey)),
}
# Tables that lead to a patient or to their sign-in and are not in the file.
LEFT_OUT = {
    "account.EmailAddress": "the sign-in library's copy of the e-mail, which is in the file",
    "mfa.Authenticator": "keys of passkeys and second factors: with them somebody could sign in",
    "patients.Session": "the sign-ins of the moment: with them somebody could act as the patient",
    "patients.ContactMethod": "how a member of staff is reached; patients have none",
    "patients.Staff": "who works at a clinic: of the person's work, not of a patient",
}
# Fields that are not in the file, wherever they stand.
FIELDS_LEFT_OUT = {
    "patients.Patient.card_token": "the secret of the sign-in card",
    "patients.Patient.search_text": "made from name and record number, which are in the file",
    "patients.CalendarFeed.secret_hash": "the secret of the calendar's address",
    "alerts.Alert.ack_code": "a code with which staff answer by text",
    "alerts.Delivery.context": "codes and links that went with a message; which message it was is in the file",
    "alerts.SmsReply.number": "the phone of a member of staff",
    "recovery.SealedLog.envelope": "locked for this installation; what was in it is a log or an alert",
}

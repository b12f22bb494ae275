"""The table of permissions that views, services, templates, docs/permissions.md and the tests read.

Each line says in plain words what the permission allows, and who has it. To add a permission, add one line. To
add a role, add its name to Staff.Role, its words to ROLE_WORDS, and put it into the groups and lines below.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum, unique
from functools import cache
from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from patients.models import Caregiver, Patient, Staff, User


class Who(StrEnum):
    """The columns of the table: all who can sign in. Roles of staff have the same names as in the database."""

    PATIENT = "patient"
    HELPER = "helper"
    NURSE = Staff.Role.NURSE.value
    PHYSICIAN = Staff.Role.PHYSICIAN.value
    MANAGER = Staff.Role.MANAGER.value
    # Runs the installation (a superuser who works at no clinic).
    OPERATOR = "operator"


PATIENT, HELPER, OPERATOR = frozenset({Who.PATIENT}), frozenset({Who.HELPER}), frozenset({Who.OPERATOR})
NURSE, PHYSICIAN, MANAGER = frozenset({Who.NURSE}), frozenset({Who.PHYSICIAN}), frozenset({Who.MANAGER})
CLINICIANS = NURSE | PHYSICIAN
STAFF = CLINICIANS | MANAGER


@unique
class Permission(Enum):
    """What people may do. if_let: the field of Caregiver with which the patient allows it to a helper."""

    # --- On a phone: patients and helpers ---
    SEE_RECOVERY = "See Today, and the advice after a log", PATIENT | HELPER
    SEE_PLAN = "See the plan", PATIENT | HELPER
    SEE_LOGS = "See the logs of before", PATIENT | HELPER
    SEE_CARDS = "See the education cards", PATIENT | HELPER
    SEE_VISIT = "See the questions and the pain curve for the visit", PATIENT | HELPER
    LOG = "Fill in the log", PATIENT | HELPER, "may_log"
    READ_MESSAGES = "Read what the care team wrote to the patient", PATIENT | HELPER, "may_be_alerted"
    GET_ALERT_NOTES = "Get “please open” about urgent logs, silence and the plan", HELPER, "may_be_alerted"
    HAND_OVER_HELP = "Hand the job of a helper to another helper for a time", HELPER
    ANSWER_FOR_ONESELF = "Agree to messages or stop them; confirm the phone number; want ice reminders", PATIENT
    CHOOSE_NOTES = (
        "Choose how one's own notes come; say that the patient is in the hospital, or home",
        PATIENT | HELPER,
    )
    CHOOSE_HELPERS = "Add, change and remove one's own helpers", PATIENT
    # --- At the desk: staff, about patients of their clinic ---
    SEE_WORKLIST = "See the worklist, the list of patients and the rule book", STAFF
    PRINT_SHIFT_SHEET = "Print the sheet of all that is open, for the next shift", STAFF
    SEE_CHART = "Open a patient's chart", STAFF
    ANSWER_ALERTS = "Take, answer, hand over, snooze and close alerts", STAFF
    WRITE_CONTACTS = "Write down contacts and hospital stays", STAFF
    WRITE_MESSAGES = "Write a message to the patient, which is read in the app", CLINICIANS
    LOG_FOR_PATIENT = "Ask the questions of the log by phone, and send the answers", STAFF
    ENROLL = "Enroll a patient, and print a sign-in card", STAFF
    IMPORT = "Enroll and correct patients from a file", STAFF
    CHANGE_RECORD = "Change a patient's record", STAFF
    EXPORT_RECORD = "Export all that is stored about one patient, as a file", MANAGER
    CHANGE_PLAN = "Set something for one patient that differs from the plan", STAFF
    LIFT_LIMITS = "Lift a limit; set the day a medicine on hold is started again", CLINICIANS
    CHANGE_HELPERS = "Add, change and remove a patient's helpers", STAFF
    END_PHONES = "See the phones of a patient and their helpers, and end their sign-ins", STAFF
    SEE_FIGURES = "See and export the clinic's figures", STAFF
    SEE_WORKLOAD = "See in the figures how much work each colleague had; others see their own", MANAGER
    SEE_RTM = "See and export the report of remote monitoring (RTM) that a biller checks", PHYSICIAN | MANAGER
    # --- On call ---
    SEE_ON_CALL = "See who is on call; offer and accept shifts; leave and read hand-over notes", STAFF
    SET_ON_CALL = "Add, change and remove shifts", MANAGER
    SET_OWN_CONTACTS = "Set how one is reached oneself", STAFF
    TAKE_FIRST_CALL = "Be on call as a nurse; be told when a plan tells the nurses", NURSE
    TAKE_SECOND_CALL = "Be on call as a physician; be told when a plan tells the physician", PHYSICIAN
    TAKE_LAST_CALL = "Be told when a plan tells the manager", MANAGER
    HEAR_OF_GAPS = "Read above the worklist when no nurse will be on call", NURSE | MANAGER
    HEAR_OF_FAULTS = "Get e-mail when a shift is empty, a colleague is out of reach or a promise broken", MANAGER
    # --- The clinic ---
    SEE_SETTINGS = "Read the clinic's settings and their history", STAFF
    SET_CLINIC = "Propose and take back settings; name the medical lead", MANAGER
    SET_UP_CLINIC = "Read above the worklist what a new clinic still has to do", MANAGER
    BE_MEDICAL_LEAD = "Be named medical lead, who signs what becomes less strict", PHYSICIAN
    TRY_RULES = "Try other numbers on past logs of the clinic", PHYSICIAN | MANAGER
    SEE_ESCALATION = "Read whom the clinic tells about urgent alerts", STAFF
    SET_ESCALATION = "Change whom the clinic tells about urgent alerts", MANAGER
    SEE_MESSAGES = "See the clinic's messages, and send one again", MANAGER
    SET_WEBHOOKS = "Set which of the clinic's own systems are told", MANAGER
    CONFIRM_RECORDS = "Confirm that the clinic looked at what a copy of the records may have lost", NURSE | MANAGER
    SEE_STATUS = "See which promises are kept", MANAGER | OPERATOR
    # --- Colleagues ---
    MANAGE_STAFF = "Add colleagues, change their roles, stop their access", MANAGER
    SEE_ACCESS_LOG = "Search and export who looked at or changed which record", MANAGER
    ASK_FACTOR_RESET = "Ask that a colleague's lost second factor is removed", MANAGER
    CONFIRM_FACTOR_RESET = "Confirm that a colleague's lost second factor is removed", PHYSICIAN | MANAGER

    def __init__(self, words: str, who: frozenset[Who], if_let: str = "") -> None:
        self.words, self.who, self.if_let = words, who, if_let

    @property
    def at_desk(self) -> bool:
        """Whether it is for staff of a clinic; else it is for patients and helpers."""
        return bool(self.who & {Who(role) for role in Staff.Role})


@dataclass(frozen=True)
class RoleWords:
    """The words for a role: when all of that role are told, and when speaking of one to a patient or a helper."""

    when_told: str
    to_patient: Any
    to_helper: Any


ROLE_WORDS = {
    Who.NURSE: RoleWords("all nurses", _("your nurse {name}"), _("the nurse {name}")),
    Who.PHYSICIAN: RoleWords("the physicians", _("your doctor {name}"), _("the doctor {name}")),
    Who.MANAGER: RoleWords("the manager", _("your clinic, {name}"), _("the clinic, {name}")),
}


def may(person: Staff | Caregiver | Patient | User, permission: Permission) -> bool:
    """Return whether this person has the permission; patients.scoping says whose rows they reach."""
    if isinstance(person, Staff):
        return person.active and person.role in permission.who
    if isinstance(person, Caregiver):
        return Who.HELPER in permission.who and (not permission.if_let or bool(getattr(person, permission.if_let)))
    return (Who.PATIENT if isinstance(person, Patient) else _user(person)) in permission.who


def who_asks(request: HttpRequest) -> Staff | Caregiver | Patient | None:
    """Return who sent a request: staff, helper or patient, as needs(...) found them; None when it did not run."""
    for kind in ("staff", "helper", "patient"):
        if person := getattr(request, kind, None):
            return cast("Staff | Caregiver | Patient", person)
    return None


def _user(user: User) -> Who | None:
    return Who.OPERATOR if user.is_superuser and user.is_active else None


@cache
def roles_with(permission: Permission) -> tuple[Staff.Role, ...]:
    """Return the roles of staff that have the permission, for a query."""
    return tuple(role for role in Staff.Role if role.value in permission.who)


def one_of(permission: Permission) -> str:
    """Return the roles that have it as words for a sentence, such as “a nurse or a physician”."""
    return " or ".join(f"a {role.label.lower()}" for role in roles_with(permission))

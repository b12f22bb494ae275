from patients.models.access import AccessEvent
from patients.models.calendar import CalendarFeed
from patients.models.call_back import CallBack
from patients.models.caregiver import Caregiver
from patients.models.clinic import Clinic
from patients.models.consent import Consent
from patients.models.contact import ContactMethod
from patients.models.installation import Installation
from patients.models.job import Job
from patients.models.lead import MedicalLead
from patients.models.letter import Letter
from patients.models.limit import LimitUse
from patients.models.patient import Patient
from patients.models.procedure import ClinicOverride, Procedure
from patients.models.rescue import FactorRescue
from patients.models.session import Session
from patients.models.sheet import PatientSheet, SheetColumns, SheetRow
from patients.models.staff import Staff, User
from patients.models.stay import HospitalStay
from patients.models.stopped import StoppedNumber
from patients.models.trail import TrailEvent, TrailPosition
from patients.models.travel import Travel
from patients.models.turn import HelperTurn

__all__ = [
    "AccessEvent",
    "CalendarFeed",
    "CallBack",
    "Caregiver",
    "Clinic",
    "ClinicOverride",
    "Consent",
    "ContactMethod",
    "FactorRescue",
    "HelperTurn",
    "HospitalStay",
    "Installation",
    "Letter",
    "Job",
    "LimitUse",
    "MedicalLead",
    "Patient",
    "PatientSheet",
    "Procedure",
    "Session",
    "SheetColumns",
    "SheetRow",
    "Staff",
    "StoppedNumber",
    "TrailEvent",
    "TrailPosition",
    "Travel",
    "User",
]

from recovery.models.calendar import CalendarEntry
from recovery.models.care_message import CareMessage, CareMessageRead
from recovery.models.contact import PatientContact
from recovery.models.count import PhoneCount
from recovery.models.log import Assessment, DailyLog
from recovery.models.plan import Milestone, Reminder
from recovery.models.sealed import PhoneKey, SealedLog
from recovery.models.setting import ClinicSetting

__all__ = [
    "Assessment",
    "CalendarEntry",
    "CareMessage",
    "CareMessageRead",
    "ClinicSetting",
    "DailyLog",
    "Milestone",
    "PatientContact",
    "PhoneCount",
    "PhoneKey",
    "Reminder",
    "SealedLog",
]

from recovery.models.log import Assessment, DailyLog
from recovery.models.plan import Milestone, Reminder

__all__ = ["Assessment", "DailyLog", "Milestone", "Reminder"]

"""Queries shared by the pages of patients and staff: plain values in a fixed number of statements."""

from recovery.selectors.differences import differences
from recovery.selectors.learn import OwnQuestion, own_questions
from recovery.selectors.today import AlertView, MilestoneCard, TodayPage, advice, today

__all__ = [
    "AlertView",
    "MilestoneCard",
    "OwnQuestion",
    "TodayPage",
    "advice",
    "differences",
    "own_questions",
    "today",
]

"""Questions the pages ask. Each returns plain values, in a counted number of statements."""

from recovery.selectors.chart import Chart, chart
from recovery.selectors.differences import differences
from recovery.selectors.learn import OwnQuestion, own_questions
from recovery.selectors.today import AlertView, Card, TodayPage, advice, today
from recovery.selectors.worklist import WorkRow, worklist

__all__ = [
    "AlertView",
    "Card",
    "Chart",
    "OwnQuestion",
    "TodayPage",
    "WorkRow",
    "advice",
    "chart",
    "own_questions",
    "differences",
    "today",
    "worklist",
]

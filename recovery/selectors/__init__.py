"""Questions the pages ask. Each returns plain values, in a counted number of statements."""

from recovery.selectors.chart import Chart, chart
from recovery.selectors.today import AlertView, Card, TodayPage, advice, today
from recovery.selectors.worklist import WorkRow, worklist

__all__ = ["AlertView", "Card", "Chart", "TodayPage", "WorkRow", "advice", "chart", "today", "worklist"]

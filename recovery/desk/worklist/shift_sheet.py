"""The sheet of a shift's end, to print: why each open item waits, what was promised, who has it, who is next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from alerts.clock import shown_now
from alerts.models import Alert
from patients.access import StaffRequest, needs, not_too_often, record_each
from patients.models import Patient
from patients.permissions import Permission
from patients.trouble import Parts
from recovery.desk.desk_words import clock_words
from recovery.desk.worklist.worklist_query import WorkRow, open_items
from recovery.desk.worklist.worklist_rows import Group, Row, call_back_words, grouped, next_in_words


@dataclass(frozen=True)
class SheetLine:
    """One patient for whom something is open. promised: each with its time; next_step: who is told, and when."""

    patient: Patient
    row: Row
    holder: str
    promised: list[str]
    next_step: str


@dataclass(frozen=True)
class SheetGroup:
    """The open items of one kind, in the order of the worklist."""

    title: str
    lines: list[SheetLine]


@require_safe
@needs(Permission.PRINT_SHIFT_SHEET)
@not_too_often("export")
def shift_sheet(request: StaffRequest) -> HttpResponse:
    """Show the sheet, to print from the browser. Whose name is on it is recorded."""
    now, zone = shown_now(), ZoneInfo(request.staff.clinic.timezone)
    rows, cut = open_items(request.staff, now)
    record_each(request, [row.patient for row in rows], action="opened the shift sheet")
    by_code = {row.patient.code: row for row in rows}
    groups = [_group(group, by_code, now, zone) for group in grouped(rows, now, zone)]
    page = {"groups": groups, "count": len(rows), "cut": cut, "now": now, "zone": request.staff.clinic.timezone}
    return render(request, "recovery/desk/shift_sheet.html", page)


def _group(group: Group, by_code: dict[UUID, WorkRow], now: datetime, zone: ZoneInfo) -> SheetGroup:
    return SheetGroup(group.title, [_line(row, by_code[row.code], now, zone) for row in group.rows])


def _line(row: Row, found: WorkRow, now: datetime, zone: ZoneInfo) -> SheetLine:
    """Return a row with its promises; after an error without them, which the line then says."""
    parts = Parts("shift sheet, patient", found.patient.pk)
    promised = parts.one("The promises", lambda: list(_promised(found, now, zone)))
    told = parts.one("Who is told next", lambda: next_in_words(found.alert, now, zone)[0] if found.alert else "")
    missing = ["Promises cannot be shown. Open the chart."] if promised is None else promised
    next_step = "Open the chart." if told is None else capfirst(told.removeprefix("Next: "))
    return SheetLine(found.patient, row, _holder(row, found), missing, next_step)


def _holder(row: Row, found: WorkRow) -> str:
    """Return who has it, by name also for whoever prints it, since others read the paper."""
    alert = found.alert
    if alert is None:
        return "Nobody"
    if alert.state == Alert.State.ACKED and alert.acked_by:
        return alert.acked_by.name
    return f"Nobody yet. {row.waits}"


def _promised(row: WorkRow, now: datetime, zone: ZoneInfo) -> Iterator[str]:
    """Yield what the patient was promised and what the team has set, each with its time; the late ones say so."""
    alert = row.alert
    if row.known.call_back:
        yield call_back_words(row.known.call_back, now, zone)
    if alert is None:
        return
    for at, words in (
        (alert.call_back_by, "Call back by"),
        (alert.seen_by, "To be examined by"),
        (alert.next_check_at, "Look again at"),
    ):
        if at:
            yield f"{words} {clock_words(at, now, zone)}{' (late)' if at <= now else ''}"

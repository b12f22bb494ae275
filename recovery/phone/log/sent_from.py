"""A log page without script has its own address, so that Back shows the log that was sent from it."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import QueryDict

from patients.access import PatientRequest
from patients.models import Procedure
from recovery.forms.log import LogForm
from recovery.forms.log_json import as_uuid
from recovery.logs.check import part_id
from recovery.models import DailyLog
from recovery.phone.log import sending
from recovery.phone.log.unsent import KEPT_HOURS

# Query parameter with the page's id, which becomes the id of the first log sent from it.
PAGE = "page"


def log_sent_from(request: PatientRequest, procedure: Procedure, now: datetime) -> DailyLog | None:
    """Return the newest own log sent from the page in this address; None when none was sent from it."""
    page = as_uuid(request.GET.get(PAGE))
    if page is None:
        return None
    since = now - timedelta(hours=KEPT_HOURS)
    rows = procedure.logs.filter(entered_by=request.user, received_at__gt=since).order_by("pk")
    found, later = None, {}
    for row in rows:
        later[row.supersedes_id] = row
        found = row if _is_from(row, page) else found
    while found is not None and found.pk in later:
        found = later[found.pk]
    return found


def _is_from(row: DailyLog, page: uuid.UUID) -> bool:
    """Return whether the row is the page's log or its urgent part."""
    if row.client_id == page:
        return True
    return row.partial and row.client_id == part_id(page, row)


def _unread(row: DailyLog) -> Mapping[str, str]:
    return dict(row.left_over.get("unread", {}))


def filled(request: PatientRequest, procedure: Procedure, log: DailyLog, now: datetime) -> LogForm:
    """Return the form filled with this log's answers; the log sent from it supersedes this one."""
    data = QueryDict(mutable=True)
    for code, answer in {**log.told, **_unread(log)}.items():
        data.setlist(code, _typed(answer))
        data[f"open_{code}"] = "1"
    # The person already confirmed this temperature.
    data["temp_seen"] = data.get("temp_value", "")
    form = LogForm(data, asked=sending.asked(request, procedure, now))
    ids = {"client_id": uuid.uuid4(), "supersedes": log.client_id, "about": request.patient.code}
    form.carry(**{name: str(value) for name, value in ids.items()})
    form.say_nothing()
    return form


def _typed(answer: Any) -> list[str]:
    return [str(one) for one in answer] if isinstance(answer, list) else [str(answer)]

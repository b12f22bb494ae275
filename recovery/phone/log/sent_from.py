"""A log page with no script has an address of its own, so that Back finds what was sent from it."""

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

# The id of the page in its address: the id of the first log that is sent from it.
PAGE = "page"


def log_sent_from(request: PatientRequest, procedure: Procedure, now: datetime) -> DailyLog | None:
    """The newest own log that came from the page this address names; None for a page nothing was sent from."""
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
    """The log itself, or what was sent of it because it was urgent and could not be read whole."""
    if row.client_id == page:
        return True
    return row.partial and row.client_id == part_id(page, row)


def _unread(row: DailyLog) -> Mapping[str, str]:
    return dict(row.left_over.get("unread", {}))


def filled(request: PatientRequest, procedure: Procedure, log: DailyLog, now: datetime) -> LogForm:
    """The form with these answers; what is sent from it takes the place of this log."""
    data = QueryDict(mutable=True)
    for code, answer in {**log.told, **_unread(log)}.items():
        data.setlist(code, _typed(answer))
        data[f"open_{code}"] = "1"
    # Looked at twice before it was sent.
    data["temp_seen"] = data.get("temp_value", "")
    form = LogForm(data, asked=sending.asked(request, procedure, now))
    ids = {"client_id": uuid.uuid4(), "supersedes": log.client_id, "about": request.patient.code}
    form.carry(**{name: str(value) for name, value in ids.items()})
    form.say_nothing()
    return form


def _typed(answer: Any) -> list[str]:
    return [str(one) for one in answer] if isinstance(answer, list) else [str(answer)]

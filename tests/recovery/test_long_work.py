"""Long work that people started goes on by itself, and they hear when it is over."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from alerts.models import Delivery
from patients.models import Job
from recovery import long_work
from tests.architecture.rows import patient_sheet, sheet_row
from tests.people import Cast


def started(people: Cast, at: datetime, **fields: Any) -> Job:
    """A check of a file with one row, asked for by the nurse."""
    sheet = patient_sheet(people)
    sheet_row(people, sheet=sheet)
    known = {"asked_by": people.nurse, "asked_at": at, "due_at": at, "kind": "check-sheet", "about": sheet.pk}
    return Job.objects.create(clinic=people.clinic, title="x", page="/desk/", total=1, **{**known, **fields})


@pytest.mark.parametrize(("waited", "told"), [(5, False), (61, True)])
def test_whoever_waited_gets_one_mail_that_says_please_open(people: Cast, waited: int, told: bool) -> None:
    now = timezone.now()
    job = started(people, now - timedelta(seconds=waited))
    assert long_work.go_on(now) == 1
    assert long_work.go_on(now) == 0
    job.refresh_from_db()
    assert (job.state, job.done, job.said) == ("done", 1, "1 to fix")
    sent = Delivery.objects.filter(message="staff_long_work")
    assert list(sent.values_list("recipient", "channel")) == (
        [(f"staff:{people.nurse.pk}", "email")] if told else []
    )


def test_a_job_that_is_over_is_never_done_again(people: Cast) -> None:
    now = timezone.now()
    started(people, now, state="cancelled", due_at=None, ended_at=now)
    assert long_work.go_on(now) == 0


def test_every_kind_of_long_work_is_known_by_its_own_name() -> None:
    assert {name: kind.name for name, kind in long_work.KINDS.items()} == {name: name for name in long_work.KINDS}

"""Of today and tomorrow the hour counts: a date alone says nothing on the day itself."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from patients.templatetags.kypho import day_or_hour
from tests.patients.pages import text
from tests.people import Cast
from tests.recovery.phone import user_of

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("at", "now", "said"),
    [
        (
            datetime(2026, 11, 30, 15, 7, tzinfo=CHICAGO),
            datetime(2026, 11, 30, 9, tzinfo=CHICAGO),
            "3:07 PM today",
        ),
        (
            datetime(2026, 12, 1, 8, tzinfo=CHICAGO),
            datetime(2026, 11, 30, 23, 59, tzinfo=CHICAGO),
            "8:00 AM tomorrow",
        ),
        (datetime(2026, 12, 2, 8, tzinfo=CHICAGO), datetime(2026, 11, 30, 9, tzinfo=CHICAGO), "Wed Dec 2"),
    ],
)
def test_a_day_is_named_by_its_hour_when_it_is_near(at: datetime, now: datetime, said: str) -> None:
    there = now.astimezone(UTC)
    assert day_or_hour(at, there) == said


def test_the_plan_names_the_hour_on_the_day_itself(people: Cast, client: Client) -> None:
    people.procedure.ended_at = timezone.now() - timedelta(hours=24 * 2 - 1)
    people.procedure.save()
    client.force_login(user_of(people.patient))
    page = text(client.get("/plan/"))
    assert "Not yet: </span>To" in page
    assert ">Today at " in page or ">Tomorrow at " in page

"""The demo clinic: as many believable people as asked for, the same at every start, and nobody twice."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from alerts.models import Alert
from patients.models import Patient
from recovery.management.demo import MOST_PATIENTS, PATIENTS
from recovery.management.demo_courses import drawn
from recovery.models import DailyLog

ALL = range(MOST_PATIENTS - len(PATIENTS))


def test_the_same_number_is_the_same_person_and_nobody_comes_twice() -> None:
    people = [drawn(number) for number in ALL]
    assert people[:40] == [drawn(number) for number in range(40)]
    assert len({(person.first, person.last) for person in people}) == len(people)


def test_logs_stand_in_their_order_and_none_is_newer_than_the_news_of_the_day() -> None:
    for number in ALL[:300]:
        hours = [ago for ago, _ in drawn(number).logs]
        assert hours == sorted(hours, reverse=True)
        assert all(2 <= ago < drawn(number).hours for ago in hours)


def test_a_demo_is_filled_once_and_grows_when_asked(
    transactional_db: None, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DEMO = True
    settings.DEMO_PATIENTS = len(PATIENTS)
    call_command("seed_demo")
    call_command("seed_demo")
    assert Patient.all_clinics.count() == len(PATIENTS)
    logs = DailyLog.objects.count()
    call_command("seed_demo", patients=len(PATIENTS) + 4)
    assert Patient.all_clinics.count() == len(PATIENTS) + 4
    assert DailyLog.objects.count() > logs
    drawn_people = Patient.all_clinics.filter(email__contains=".").exclude(email__regex=r"^[a-z']+@")
    assert not Alert.objects.filter(patient__in=drawn_people, tier="911").exclude(state="resolved").exists()
    # Each log was read as the phone's are, and each plan could be made.
    assert "set aside" not in capsys.readouterr().err


def test_a_number_that_no_demo_can_have_is_refused(transactional_db: None, settings: Any) -> None:
    settings.DEMO = True
    with pytest.raises(CommandError, match="from 13 to 2000"):
        call_command("seed_demo", patients=MOST_PATIENTS + 1)

"""The server knows that a phone holds logs it never got, and nothing of it ever stands in a log's way."""

import json
import logging
import random
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from alerts.models import Alert
from recovery.forms.log_number import read_count
from recovery.models import DailyLog, PhoneCount
from recovery.state import phone_counts
from recovery.state.phone_counts import Heard
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_helper, make_procedure
from tests.recovery.conftest import CALM, NUMB
from tests.recovery.desk import WORKLIST, chart
from tests.recovery.phone import user_of
from tests.recovery.test_sealed_logs import Phone

LATE = timedelta(minutes=11)


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


class OnePhone:
    """A phone with a sequence of its own."""

    def __init__(self, client: Client) -> None:
        self.client, self.sequence = client, str(uuid.uuid4())

    def send(self, number: int, last: int, gone: list[int] | None = None, **more: Any) -> Any:
        count = {"sequence": self.sequence, "number": number, "last": last, "gone": gone or []}
        body = {"client_id": str(uuid.uuid4()), "answers": CALM, "count": count, **more}
        return self.client.post("/api/logs/", json.dumps(body), content_type="application/json")


@pytest.fixture
def phone(people: Cast) -> OnePhone:
    return OnePhone(signed_in(people.patient))


def missing() -> list[int]:
    return [row.missing for row in PhoneCount.objects.order_by("pk")]


def some_time_later() -> None:
    PhoneCount.objects.filter(missing__gt=0).update(missing_since=F("missing_since") - LATE)


# ---- Which have come


@given(st.lists(st.integers(1, 30), unique=True), st.integers(0, 30), st.randoms())
def test_in_any_order_and_twice_the_same_numbers_are_missing(
    numbers: list[int], last: int, order: random.Random
) -> None:
    twice = [*numbers, *numbers]
    order.shuffle(twice)
    heard = Heard()
    for number in twice:
        heard = heard.after([number], max(last, number))
    told = max([last, *numbers]) if numbers else 0
    assert heard.missing == len(set(range(1, told + 1)) - set(numbers))
    assert not [number for number in heard.beyond if number <= heard.up_to]


def test_a_log_that_waits_on_the_phone_is_missing_until_it_comes(phone: OnePhone) -> None:
    assert phone.send(1, 1).status_code == 201
    assert phone.send(4, 4).json()["tier"] == "on_track"
    row = PhoneCount.objects.get()
    assert (row.last, row.up_to, row.beyond, row.missing) == (4, 1, [4], 2)
    phone.send(2, 4)
    assert missing() == [1]
    assert PhoneCount.objects.get().missing_since == row.missing_since
    phone.send(3, 4)
    row = PhoneCount.objects.get()
    assert (row.missing, row.missing_since, row.up_to, row.beyond) == (0, None, 4, [])


def test_what_is_still_on_the_phone_is_told_by_what_came_before_it(phone: OnePhone) -> None:
    phone.send(1, 3)
    assert missing() == [2]


def test_the_same_log_twice_changes_nothing(phone: OnePhone) -> None:
    known = {"client_id": str(uuid.uuid4())}
    phone.send(2, 2, **known)
    assert phone.send(2, 2, **known).status_code == 200
    assert (missing(), DailyLog.objects.count()) == ([1], 1)


def test_what_was_taken_back_on_the_phone_is_not_missed(phone: OnePhone) -> None:
    phone.send(1, 1)
    phone.send(4, 4, gone=[2, 3])
    assert missing() == [0]


def test_a_new_phone_begins_a_sequence_of_its_own_and_an_old_gap_stays(people: Cast, phone: OnePhone) -> None:
    phone.send(2, 2)
    OnePhone(phone.client).send(1, 1)
    assert missing() == [1, 0]


def test_a_helper_of_two_counts_for_each_of_them(people: Cast) -> None:
    other = people.other_patient
    helper = make_helper(people.patient, may_log=True)
    make_helper(other, user=helper.user, may_log=True)
    make_procedure(other)
    client = Client()
    client.force_login(helper.user)
    hand = OnePhone(client)
    hand.send(1, 1, about=str(people.patient.code))
    hand.send(2, 2, about=str(other.code))
    found = {row.patient_id: row.missing for row in PhoneCount.objects.all()}
    assert found == {people.patient.pk: 0, other.pk: 1}


def test_an_envelope_with_nobody_signed_in_tells_of_what_it_left_behind(people: Cast) -> None:
    count = {"sequence": str(uuid.uuid4()), "number": 3, "last": 3, "gone": []}
    answer = Phone(user_of(people.patient)).send(people.patient.code, count=count)
    assert (answer.status_code, missing()) == (201, [2])


# ---- At the edge

WRONG: list[Any] = [
    None,
    7,
    [],
    {},
    {"number": 0},
    {"number": 3, "last": 2},
    {"number": True},
    {"last": 100_001},
    {"last": 10**30},
    {"sequence": "x"},
    {"sequence": 5},
    {"gone": [3]},
    {"gone": [0]},
    {"gone": ["1"]},
    {"gone": [1] * 51},
    {"gone": None},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_count_that_makes_no_sense_refuses_no_log(people: Cast, phone: OnePhone, wrong: Any) -> None:
    good = {"sequence": str(uuid.uuid4()), "number": 1, "last": 2, "gone": []}
    count = {**good, **wrong} if isinstance(wrong, dict) and wrong else wrong
    assert read_count(good)
    assert read_count(count) is None
    assert phone.send(1, 1, count=count, answers={**CALM, **NUMB}).status_code == 201
    assert (DailyLog.objects.count(), Alert.objects.count(), missing()) == (1, 1, [])


def test_a_count_that_cannot_be_kept_refuses_no_log(
    phone: OnePhone, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("full")

    monkeypatch.setattr(phone_counts, "_row", broken)
    with caplog.at_level(logging.ERROR):
        assert phone.send(1, 2, answers={**CALM, **NUMB}).status_code == 201
    assert Alert.objects.count() == 1
    assert "the count of a phone was not kept: ValueError" in caplog.text


def test_sequences_without_end_are_written_over_from_the_oldest(people: Cast) -> None:
    user, now = user_of(people.patient), timezone.now()
    codes = [uuid.uuid4() for _ in range(phone_counts.MOST_SEQUENCES + 3)]
    for second, code in enumerate(codes):
        count = phone_counts.Count(code, 1, 1)
        phone_counts.note(user, people.patient, count, now + timedelta(seconds=second))
    kept = set(PhoneCount.objects.values_list("sequence", flat=True))
    assert kept == set(codes[3:])


# ---- Who reads it


@pytest.mark.slow
def test_nurse_and_patient_read_it_once_it_has_lasted(people: Cast, phone: OnePhone) -> None:
    nurse = signed_in(people.nurse)
    phone.send(3, 3)
    for client, page in ((nurse, WORKLIST), (nurse, chart(people.patient)), (phone.client, "/today/")):
        assert "arrived" not in text(client.get(page))
        assert "did not reach" not in text(client.get(page))
    some_time_later()
    groups = nurse.get(WORKLIST).context["groups"]
    rows = {row.code: (group.key, row.why) for group in groups for row in group.rows}
    assert rows[people.patient.code] == ("not_arrived", "2 logs from a phone have not arrived.")
    page = text(nurse.get(chart(people.patient)))
    assert "2 logs from a phone have not arrived." in page
    assert user_of(people.patient).get_full_name() in page
    assert "2 logs about you did not reach your clinic." in text(phone.client.get("/today/"))
    phone.send(1, 3)
    phone.send(2, 3)
    assert "arrived" not in text(nurse.get(chart(people.patient)))
    assert "did not reach" not in text(phone.client.get("/today/"))


def test_beside_an_alert_it_is_said_after_the_reasons(people: Cast, phone: OnePhone) -> None:
    phone.send(2, 2, answers={**CALM, **NUMB})
    some_time_later()
    groups = signed_in(people.nurse).get(WORKLIST).context["groups"]
    key, why = next((g.key, row.why) for g in groups for row in g.rows if row.code == people.patient.code)
    assert key == "open"
    assert why.endswith("1 log from a phone has not arrived.")


def test_after_two_weeks_nobody_is_asked_about_it_any_more(people: Cast, phone: OnePhone) -> None:
    phone.send(2, 2)
    PhoneCount.objects.update(missing_since=timezone.now() - timedelta(days=14, minutes=1))
    assert "arrived" not in text(signed_in(people.nurse).get(chart(people.patient)))


def test_a_number_nobody_could_have_written_is_not_read_out(people: Cast, phone: OnePhone) -> None:
    phone.send(1, 100_000)
    some_time_later()
    assert "More than 99 logs from a phone have not arrived." in text(
        signed_in(people.nurse).get(chart(people.patient))
    )

"""Whoever is not let do something is a line of the trail: who, what, from where; ids alone, and never a flood."""

import uuid
from typing import Any

import pytest
from django.db.utils import OperationalError
from django.test import Client

from config import refusals
from config.tally import HOUR_SECONDS, MOST_KEYS, Tally
from patients.models import TrailEvent
from tests.patients.pages import signed_in
from tests.people import Cast, cast

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def people(db: None) -> Cast:
    return cast()


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    monkeypatch.setattr(refusals, "each", Tally(refusals.EACH_PER_HOUR))
    monkeypatch.setattr(refusals, "strangers", Tally(refusals.STRANGERS_PER_HOUR))


def written() -> list[tuple[int | None, str]]:
    """Whom, and what of: every refusal, oldest first."""
    return list(TrailEvent.objects.filter(what="refused").order_by("id").values_list("user", "detail"))


def test_a_page_somebody_may_not_see_is_in_the_trail_by_role_clinic_and_scope(people: Cast) -> None:
    code = people.patient.code
    signed_in(people.nurse).get("/desk/staff/")  # a manager's
    signed_in(people.other_nurse).get(f"/desk/patients/{code}/")  # another clinic's
    signed_in(people.other_patient).get("/desk/")  # the staff's
    signed_in(people.helper).get("/my/helpers/")  # the patient's own
    assert written() == [
        (people.nurse.user_id, "not theirs or not there: patients:staff"),
        (people.other_nurse.user_id, f"not theirs or not there: recovery:chart {code}"),
        (people.other_patient.user_id, "not theirs or not there: recovery:worklist"),
        (people.helper.user_id, "not theirs or not there: patients:my_helpers"),
    ]
    first = TrailEvent.objects.order_by("id").first()
    assert first
    assert (first.ip, len(first.request_id)) == ("127.0.0.1", 36)


def test_a_form_of_another_session_a_forged_text_and_a_wrong_host_are_in_the_trail(
    people: Cast, settings: Any
) -> None:
    settings.SMS_TOKEN = "a token"  # noqa: S105 - made up
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people.patient.user, backend="django.contrib.auth.backends.ModelBackend")
    strict.post("/my/messages/", {})
    Client().post("/hooks/sms/reply/", "From=%2B13125550199&Body=hello", FORM)
    Client().get("/accounts/login/", headers={"Host": "evil.example"})
    assert written() == [
        (people.patient.user_id, "form of another session: patients:consents"),
        (None, "not allowed: recovery:sms_reply"),
        (None, "another host"),
    ]


def test_what_is_too_large_or_unreadable_and_a_strange_filter_are_in_the_trail(people: Cast) -> None:
    phone, desk = signed_in(people.patient), signed_in(people.manager)
    phone.post("/api/logs/", "x" * (600 * 1024), content_type="application/json")
    phone.post("/api/logs/", "{", content_type="application/json")
    desk.get("/desk/deliveries/?state=' OR 1=1")
    details = [detail for _, detail in written()]
    assert details == [
        "too large: recovery:log_api",
        "not readable: recovery:log_api",
        "not theirs or not there: alerts:deliveries",
    ]


def test_no_secret_of_an_address_is_written(people: Cast) -> None:
    token = uuid.uuid4()
    Client().get(f"/hello/{token}/")
    Client().get("/accounts/password/reset/key/3-abc-def/")
    assert not [detail for _, detail in written() if str(token) in detail or "abc" in detail]


@pytest.mark.slow
def test_what_a_limit_refuses_is_written_once(people: Cast) -> None:
    desk = signed_in(people.nurse)
    for _ in range(21):
        desk.get("/desk/figures/figures.csv")
    assert written() == [(people.nurse.user_id, "too often: recovery:figures_csv")]
    for _ in range(4):
        Client().post("/sign-in/code/", {"address": people.patient.user.email})  # type: ignore[union-attr]
    assert [detail for _, detail in written()][1:] == ["too many codes"]


def test_an_address_that_is_none_and_what_has_to_be_corrected_are_no_refusals(people: Cast) -> None:
    Client().get("/wp-admin/")
    Client().post("/api/logs/", "{}", content_type="application/json")
    desk = signed_in(people.nurse)
    desk.get("/desk/patients/")
    desk.post("/desk/patients/", {"q": "x" * 81})
    desk.get(f"/desk/alerts/{uuid.uuid4()}/acknowledge/")
    assert written() == []


@pytest.mark.slow
def test_a_flood_writes_a_few_lines_and_hides_nobody(people: Cast) -> None:
    for number in range(refusals.STRANGERS_PER_HOUR // refusals.EACH_PER_HOUR + 2):
        stranger = Client(REMOTE_ADDR=f"203.0.113.{number}")
        for _ in range(refusals.EACH_PER_HOUR + 5):
            stranger.get("/accounts/signup/x", headers={"Host": "evil.example"})
    found = written()
    assert len(found) == refusals.STRANGERS_PER_HOUR
    assert found[refusals.EACH_PER_HOUR - 1] == (None, f"another host{refusals.LAST}")
    signed_in(people.nurse).get("/desk/staff/")
    assert written()[-1] == (people.nurse.user_id, "not theirs or not there: patients:staff")


def test_a_refusal_is_answered_also_when_the_trail_can_not_be_written(
    people: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(refusals, "note", away)
    assert signed_in(people.nurse).get("/desk/staff/").status_code == 404
    assert "a refusal is not in the trail (OperationalError): not theirs" in caplog.text


def test_each_has_its_own_hour_and_too_many_share_one() -> None:
    tally = Tally(2)
    assert [tally.left("a", at) for at in (0.0, 1.0, 2.0, HOUR_SECONDS)] == [2, 1, 0, 2]
    for number in range(MOST_KEYS - 1):
        tally.left(f"b{number}", 5000.0)
    assert [tally.left(name, 5001.0) for name in ("c", "d", "e")] == [2, 1, 0]
    assert tally.left("c", 5000.0 + HOUR_SECONDS) == 2

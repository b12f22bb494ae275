"""What a request reads on end is one transaction, which is told once; what it writes has the borders it had."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, Error, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, TRANSACTION_STATUS_INTRANS

from config.middleware import WallMiddleware
from patients.models import Patient, User
from patients.wall.scope import DOORS_BY_PATH
from tests import database
from tests.people import Cast, cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people() -> Cast:
    return cast()


def names() -> list[str]:
    return [row.first_name for row in Patient.all_clinics.all()]


def status() -> int:
    return int(connection.connection.info.transaction_status)


def request(user: User | AnonymousUser, view: object, path: str = "/desk/") -> HttpResponse:
    """One request of that person, of which the view is all."""
    asked = RequestFactory().get(path)
    asked.user = user
    assert callable(view)

    def get_response(request: HttpRequest) -> HttpResponse:
        view()
        return HttpResponse()

    return WallMiddleware(get_response)(asked)


def rename(people: Cast, name: str) -> None:
    Patient.all_clinics.filter(pk=people.patient.pk).update(first_name=name)


def as_others_see_it(people: Cast) -> str:
    with database.line() as raw, raw.cursor() as cursor:
        cursor.execute("SELECT first_name FROM patients_patient WHERE id = %s", [people.patient.pk])
        return str(cursor.fetchone()[0])


def said(context: CaptureQueriesContext) -> int:
    return sum("kypho_enter" in query["sql"] for query in context.captured_queries)


def test_what_is_read_on_end_is_told_once_and_nothing_is_open_when_the_page_is_there(people: Cast) -> None:
    def view() -> None:
        for _ in range(3):
            assert len(names()) == 1
            assert status() == TRANSACTION_STATUS_INTRANS

    with CaptureQueriesContext(connection) as context:
        request(people.nurse.user, view)
    assert said(context) == 1
    assert status() == TRANSACTION_STATUS_IDLE


def test_each_read_sees_what_others_have_committed_by_then(people: Cast) -> None:
    def view() -> None:
        names()
        with database.line() as raw, raw.cursor() as cursor:
            cursor.execute("UPDATE patients_patient SET first_name = 'Meanwhile'")
        assert names() == ["Meanwhile"]

    request(people.nurse.user, view)


def test_a_write_is_committed_at_once_whatever_is_read_before_and_after(people: Cast) -> None:
    """Words first: what fails later takes nothing back, and nobody waits for the row until the page is there."""

    def view() -> None:
        names()
        rename(people, "At once")
        assert status() == TRANSACTION_STATUS_IDLE
        assert as_others_see_it(people) == "At once"
        names()
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        assert status() == TRANSACTION_STATUS_IDLE
        assert names() == ["At once"]

    request(people.nurse.user, view)
    assert as_others_see_it(people) == "At once"


def test_a_write_that_fails_leaves_nothing_open(people: Cast) -> None:
    def view() -> None:
        names()
        with pytest.raises(DatabaseError):
            rename(people, "x" * 10_000)
        assert status() == TRANSACTION_STATUS_IDLE
        assert len(names()) == 1

    request(people.nurse.user, view)


def test_a_transaction_of_a_view_is_its_own(people: Cast) -> None:
    """It begins anew, and ends where it says: not with what was read before."""

    def view() -> None:
        names()
        with transaction.atomic():
            rename(people, "Undone")
            assert names() == ["Undone"]
            transaction.set_rollback(True)
        assert status() == TRANSACTION_STATUS_IDLE
        assert names() != ["Undone"]

    request(people.nurse.user, view)


@pytest.mark.parametrize("path", [*DOORS_BY_PATH, "/events/board/"])
def test_nothing_waits_inside_a_transaction_at_a_door_or_in_a_stream(people: Cast, path: str) -> None:
    def view() -> None:
        assert names()
        assert status() == TRANSACTION_STATUS_IDLE

    request(people.nurse.user, view, path)


def test_a_connection_that_breaks_when_all_is_read_costs_no_answer(people: Cast) -> None:
    def view() -> None:
        names()
        with database.line() as raw, raw.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])

    assert request(people.nurse.user, view).status_code == 200
    with pytest.raises(Error):
        names()
    connection.close()
    assert request(people.nurse.user, names).status_code == 200


def test_whoever_signs_out_in_the_middle_sees_nothing_from_then_on(people: Cast) -> None:
    asked = RequestFactory().get("/desk/")
    asked.user = people.nurse.user

    def get_response(request: HttpRequest) -> HttpResponse:
        assert len(names()) == 1
        request.user = AnonymousUser()
        assert names() == []
        return HttpResponse()

    WallMiddleware(get_response)(asked)

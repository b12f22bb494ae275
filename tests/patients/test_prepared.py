"""A prepared statement says what its queryset says, with the values of each call, on the line of each caller."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients.models import Caregiver, Patient, Procedure
from patients.prepared import Prepared
from tests.people import Cast, make_patient, make_procedure

pytestmark = pytest.mark.django_db


def of_patient(patient: int, since: datetime) -> QuerySet[Procedure]:
    helped = Caregiver.objects.filter(patient=OuterRef("patient"))
    rows = Procedure.objects.filter(patient=patient, ended_at__gt=since, closed_at__isnull=True)
    return rows.select_related("patient__clinic").annotate(helped=Exists(helped), zone=F("patient__timezone"))


LONG = timedelta(days=4000)


def test_rows_relations_and_annotations_are_those_of_the_queryset(people: Cast) -> None:
    find, now = Prepared(of_patient), timezone.now()
    other = make_procedure(make_patient(people.clinic), now - timedelta(days=3))
    for patient in (people.patient, other.patient):
        (expected,) = of_patient(patient.pk, now - LONG)
        with CaptureQueriesContext(connection) as asked:
            (found,) = find(patient=patient.pk, since=now - LONG)
            assert found.patient.clinic.name == people.clinic.name
        assert len(asked) == 1
        assert found == expected
        assert {**vars(found), "_state": 0} == {**vars(expected), "_state": 0}
    assert find(patient=people.patient.pk, since=now) == []


def test_the_statement_is_word_for_word_that_of_the_queryset(people: Cast) -> None:
    find, now = Prepared(of_patient), timezone.now()
    values = {"patient": people.patient.pk, "since": now - LONG}
    with CaptureQueriesContext(connection) as asked:
        list(of_patient(**values))
        find(**values)
        find(**values)
    first, *others = [one["sql"] for one in asked]
    assert others == [first, first]


def test_a_value_that_is_not_given_is_an_error() -> None:
    with pytest.raises(KeyError):
        Prepared(of_patient)(patient=1)


def test_a_lock_outside_a_transaction_is_refused_as_ever(transactional_db: None) -> None:
    def locked(pk: int) -> QuerySet[Patient]:
        return Patient.all_clinics.filter(pk=pk).select_for_update()

    find = Prepared(locked)
    with transaction.atomic():
        assert find(pk=0) == []
    with pytest.raises(TransactionManagementError):
        find(pk=0)


def test_what_hides_its_value_or_is_no_plain_row_cannot_be_prepared() -> None:
    def computed(days: int) -> QuerySet[Procedure]:
        return Procedure.objects.filter(ended_at__gt=timezone.now() - timedelta(days=days % 7))

    def values(pk: int) -> QuerySet[Patient]:
        return Patient.all_clinics.filter(pk=pk).values("pk")  # type: ignore[return-value]

    with pytest.raises(TypeError, match="does not hold days"):
        Prepared(computed)(days=1)
    with pytest.raises(TypeError, match="only plain model rows"):
        Prepared(values)(pk=1)


def test_each_thread_asks_on_its_own_line(transactional_db: None) -> None:
    def one(pk: int) -> QuerySet[Patient]:
        return Patient.all_clinics.filter(pk=pk)

    find, lines = Prepared(one), set()

    def ask() -> None:
        with CaptureQueriesContext(connections["default"]) as asked:
            assert find(pk=0) == []
        lines.add((id(connections["default"].connection), len(asked)))
        connections["default"].close()

    assert find(pk=0) == []
    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
        thread.join()
    assert {count for _, count in lines} == {1}
    assert find(pk=0) == []

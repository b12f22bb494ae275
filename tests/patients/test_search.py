"""A patient is found however somebody spells the name, the number, the birth date or the phone; and only once."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from patients import scoping
from patients.models import Patient
from patients.selectors.roster import find
from patients.services.enrolment import refuse_duplicates
from patients.services.errors import NotPossible
from patients.values.search_words import MOST_PARTS, Part, read
from tests.people import Cast, make_patient

BORN = date(1950, 3, 4)


@pytest.mark.parametrize(
    "typed",
    [
        *("3/4/1950", "03/04/1950", "3-4-1950", "3.4.1950", "1950-03-04", "1950/3/4", "3/4/50"),
        *("Mar 4 1950", "March 4, 1950", "mar. 4th, 1950", "4 March 1950", "4-Mar-1950", "03041950", "19500304"),
    ],
)
def test_a_birth_date_is_read_in_usual_spellings(typed: str) -> None:
    (part,) = read(typed)
    assert BORN in part.birth_dates


def test_day_before_month_is_read_when_only_that_is_a_date() -> None:
    assert read("25/3/1950")[0].birth_dates == (date(1950, 3, 25),)
    assert read("13/13/1950")[0].birth_dates == ()


@pytest.mark.parametrize(
    "typed", ["(312) 555-0142", "312.555.0142", "+1 312 555 0142", "0312 555 0142", "3125550142", "555-0142"]
)
def test_the_digits_of_a_phone_count_in_any_form(typed: str) -> None:
    (part,) = read(typed)
    assert part.digits
    assert part.digits in "13125550142"


def test_words_a_date_and_a_phone_may_be_typed_together() -> None:
    parts = read("Müller, 3/4/1950 (312) 555-0142")
    assert parts == [
        Part(word="3/4/1950", birth_dates=(BORN,)),
        Part(word="(312)555-0142", digits="3125550142"),
        Part(word="Müller"),
    ]


@given(st.text(max_size=80))
def test_whatever_is_typed_is_read(typed: str) -> None:
    assert len(read(typed)) <= MOST_PARTS


# --- With rows ---

FOUND = [
    *("muller", "Mueller", "MÜLLER", "müller jorg", "Jörg", "joerg", "uelle"),
    *("1950-03-04", "Mar 4 1950", "0142", "312 555 0142", "AB/12", "12-77", "1277"),
]


@pytest.mark.parametrize("typed", FOUND)
def test_a_patient_is_found_by(people: Cast, typed: str) -> None:
    wanted = make_patient(
        people.clinic, "Jörg", last_name="Müller", mrn="AB/12-77", phone="+13125550142", birth_date=BORN
    )
    Patient.all_clinics.filter(pk=people.patient.pk).update(birth_date=date(1941, 1, 1))
    rows, _ = find(scoping.for_staff(people.nurse), words=typed)
    assert rows == [wanted]


@pytest.mark.parametrize(
    ("last_name", "typed"),
    [
        ("O’Brien", "obrien"),
        ("O'Brien", "O Brien"),
        ("de la Cruz", "DELACRUZ"),
        ("Núñez", "nunez"),
        ("Weiß", "weiss"),
        ("Łukasz", "lukasz"),
        ("Sørensen", "sorensen"),
        ("Smith-Jones", "smith jones"),
        ("Иванов", "Иванов"),
        ("N\u0303un\u0303ez", "ñuñez"),
    ],
)
def test_accents_case_apostrophes_and_spaces_are_folded(people: Cast, last_name: str, typed: str) -> None:
    wanted = make_patient(people.clinic, "Ann", last_name=last_name)
    assert find(scoping.for_staff(people.nurse), words=typed)[0] == [wanted]


def test_the_folded_text_follows_every_way_a_name_is_written(people: Cast) -> None:
    """A correction is one UPDATE, no model is saved: the database itself keeps the text."""
    Patient.all_clinics.filter(pk=people.patient.pk).update(last_name="Grün", mrn="X 9")
    people.patient.refresh_from_db()
    assert people.patient.search_text == "grun rosa x9"


def person(**changes: Any) -> dict[str, Any]:
    known = {
        "first_name": "Jörg",
        "last_name": "Müller",
        "birth_date": BORN,
        "mrn": None,
        "phone": "",
        "email": "",
    }
    return {**known, **changes}


@pytest.mark.parametrize(
    ("first_name", "last_name"),
    [("Jörg", "Müller"), ("Joerg", "MUELLER"), ("jorg", "muller"), ("Jo-rg", "Mu ller"), ("Müller", "Jörg")],
)
def test_the_same_name_in_another_spelling_and_the_same_birth_date_warns(
    people: Cast, first_name: str, last_name: str
) -> None:
    known = make_patient(people.clinic, "Jörg", last_name="Müller", birth_date=BORN)
    with pytest.raises(NotPossible) as refused:
        refuse_duplicates(people.clinic, person(first_name=first_name, last_name=last_name), another_person=False)
    assert refused.value.patient == known


def test_another_day_another_clinic_or_another_name_does_not_warn(people: Cast) -> None:
    make_patient(people.clinic, "Jörg", last_name="Müller", birth_date=date(1950, 4, 3))
    make_patient(people.other_clinic, "Jörg", last_name="Müller", birth_date=BORN)
    make_patient(people.clinic, "Jörg", last_name="Miller", birth_date=BORN)
    refuse_duplicates(people.clinic, person(), another_person=False)


@pytest.mark.parametrize("where", ["search_text LIKE '%muller%'", "birth_date = '1950-03-04'"])
def test_only_the_clinics_own_rows_are_read(people: Cast, where: str) -> None:
    """With many clinics an index is entered by the clinic; no search reads everybody."""
    rows = [make_patient(people.other_clinic, "N", messages=False) for _ in range(2)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM patients_patient")
        assert rows
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM patients_patient "
            f"WHERE clinic_id = {people.clinic.pk} AND {where} ORDER BY last_name, first_name, id LIMIT 51"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan" not in plan
    # PostgreSQL writes a number over 2^31 as '3000000000'::bigint.
    assert re.search(rf"clinic_id = '?{people.clinic.pk}\b", plan.split("Index Cond")[1].splitlines()[0])

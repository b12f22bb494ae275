"""Every patient of the clinic by name, found by name or record number, fifty at a time."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from patients import scoping
from patients.models import Procedure
from patients.selectors.roster import find
from patients.sign_in.searches import MOST
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_patient

ROSTER = "/desk/patients/"


def search(client: Client, words: str) -> Any:
    """The answer to a search, where the browser is led to."""
    return client.post(ROSTER, {"q": words}, follow=True)


def test_it_lists_the_clinics_patients_by_last_name_and_links_to_chart_and_enrolment(people: Cast) -> None:
    make_patient(people.clinic, "Zoe", last_name="Abel")
    page = text(signed_in(people.nurse).get(ROSTER))
    assert page.index("Abel, Zoe") < page.index("Recovers, Rosa")
    assert f"/desk/patients/{people.patient.code}/" in page
    assert 'href="/desk/enroll/"' in page


def test_another_clinics_patients_are_neither_listed_nor_found(people: Cast) -> None:
    client = signed_in(people.nurse)
    assert "Olga" not in text(client.get(ROSTER))
    assert "Olga" not in text(search(client, people.other_patient.mrn)).replace("“Olga”", "")


def test_a_clinic_s_patients_are_asked_for_also_where_no_wall_stands(people: Cast) -> None:
    """As the owner of the database, for whom policies do not count: the page's own query says whose."""
    assert set(scoping.for_staff(people.nurse).values_list("clinic_id", flat=True)) == {people.clinic.pk}
    assert people.other_patient not in scoping.for_staff(people.nurse)


def test_patients_and_helpers_find_no_roster_and_strangers_sign_in(people: Cast) -> None:
    assert Client().get(ROSTER).status_code == 302
    for who in (people.patient, people.helper):
        assert signed_in(who).get(ROSTER).status_code == 404


@pytest.mark.parametrize("words", ["maria", "DE LA CRUZ", "cruz maria", "Cruz, Maria", "mrn-1234"])
def test_a_patient_is_found_by_any_part_of_the_name_or_the_start_of_the_number(people: Cast, words: str) -> None:
    found = make_patient(people.clinic, "Maria", last_name="de la Cruz", mrn="MRN-12345-X")
    rows, _ = find(scoping.for_staff(people.nurse), words=words)
    assert rows == [found]


def test_nobody_found_says_for_whom_it_looked(people: Cast) -> None:
    page = text(search(signed_in(people.nurse), "<b>Nobody"))
    assert "Nobody here is called “&lt;b&gt;Nobody”" in page


def test_a_search_finds_past_letters_that_nobody_sees(people: Cast) -> None:
    assert "Recovers, Rosa" in text(search(signed_in(people.nurse), "Ro\x00sa"))


def test_a_search_that_can_not_be_is_said_and_finds_nobody(people: Cast) -> None:
    answer = search(signed_in(people.nurse), "x" * 81)
    assert answer.status_code == 422
    assert "Nobody was looked for" in text(answer)


def test_pages_of_fifty_show_everybody_once_with_namesakes(people: Cast) -> None:
    for number in range(120):
        make_patient(people.clinic, f"N{number % 3}", last_name=f"L{number % 7}", messages=False)
    client, seen, after = signed_in(people.nurse), [], ""
    while True:
        answer = client.get(ROSTER, {"after": after})
        seen += [row.patient.pk for row in answer.context["rows"]]
        if not (after := answer.context["more"]):
            break
        assert len(answer.context["rows"]) == 50
    assert len(seen) == len(set(seen)) == 121


def test_the_next_page_keeps_the_search(people: Cast) -> None:
    for _ in range(51):
        make_patient(people.clinic, "Ann", last_name="Same", messages=False)
    client = signed_in(people.nurse)
    assert "Nobody here" in text(search(client, "Ann & Nobody"))
    answer = search(client, "Ann Same")
    first, key = {row.patient.pk for row in answer.context["rows"]}, answer.context["key"]
    assert f'href="?s={key}&amp;after={answer.context["more"]}"' in text(answer)
    (last,) = client.get(ROSTER, {"s": key, "after": answer.context["more"]}).context["rows"]
    assert (last.patient.last_name, last.patient.pk in first) == ("Same", False)


def test_what_was_looked_for_stands_in_no_address_and_is_found_again(people: Cast) -> None:
    client = signed_in(people.nurse)
    answer = search(client, "Rosa 03/04/1950")
    ((address, status),) = answer.redirect_chain
    assert (status, address) == (302, f"{ROSTER}?s={answer.context['key']}")
    again = client.get(address)  # Back, or reload
    assert 'value="Rosa 03/04/1950"' in text(again)
    assert again["Cache-Control"] == "no-store, private"
    assert client.get(ROSTER, {"q": "Nobody"}).context["words"] == ""


def test_a_search_belongs_to_its_session_and_the_oldest_make_room(people: Cast) -> None:
    client = signed_in(people.nurse)
    first = search(client, "Rosa").context["key"]
    assert search(client, "Rosa").context["key"] == first
    page = text(signed_in(people.nurse).get(ROSTER, {"s": first}))
    assert "This search is no longer kept" in page
    assert "Rosa" not in page
    for number in range(MOST):
        client.post(ROSTER, {"q": f"word {number}"})
    assert "This search is no longer kept" in text(client.get(ROSTER, {"s": first}))


def test_nothing_typed_is_everybody(people: Cast) -> None:
    assert search(signed_in(people.nurse), "  ").redirect_chain == [(ROSTER, 302)]


@pytest.mark.usefixtures("nothing_runs_out")
def test_finding_a_page_is_two_statements_without_count_or_offset(
    people: Cast, django_assert_max_num_queries: object
) -> None:
    for _ in range(60):
        make_patient(people.clinic, "Ann", messages=False)
    _, more = find(scoping.for_staff(people.nurse))
    with django_assert_max_num_queries(2) as made:  # type: ignore[operator]
        find(scoping.for_staff(people.nurse), words="ann", after=more)
    assert not any("COUNT(" in query["sql"] or "OFFSET" in query["sql"] for query in made.captured_queries)


@pytest.mark.parametrize("after", ["not-a-code", "7d4cbb5e-5d5e-4a70-9c9d-0f3f0c4f9c11"])
def test_an_unknown_place_reads_as_the_first_page(people: Cast, after: str) -> None:
    assert "Recovers, Rosa" in text(signed_in(people.nurse).get(ROSTER, {"after": after}))


def test_another_clinics_patient_is_no_place_to_go_on_from(people: Cast) -> None:
    assert "Recovers, Rosa" in text(signed_in(people.nurse).get(ROSTER, {"after": people.other_patient.code}))


def test_a_closed_recovery_is_marked(people: Cast) -> None:
    Procedure.objects.update(closed_at=timezone.now())
    assert "(closed)" in text(signed_in(people.nurse).get(ROSTER))

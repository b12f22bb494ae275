"""The card for paramedics on the patient's own phone."""

from typing import Any

import pytest
from django.utils import timezone

from patients.models import Procedure
from tests.patients.pages import signed_in, text
from tests.people import Cast

FULL = {
    "levels": ["T12", "L1"],
    "cement_leakage": True,
    "allergies": "Contrast <dye>",
    "blood_thinner_continued": True,
    "blood_thinner_name": "apixaban 5 mg",
    "surgeon": "Dr. Ada Chen",
    "opioid_prescribed": True,
}


def card(people: Cast, **record: Any) -> str:
    Procedure.objects.filter(pk=people.procedure.pk).update(**record)
    return " ".join(text(signed_in(people.patient).get("/card/")).split())


def test_it_says_all_that_the_record_knows_and_as_of_when(people: Cast) -> None:
    page = card(people, **FULL)
    for part in (
        "T12, L1",
        "Yes, seen by the team",
        "Contrast &lt;dye&gt;",
        "Takes apixaban 5 mg",
        "Dr. Ada Chen",
    ):
        assert part in page, part
    assert people.patient.name in page
    assert people.clinic.name in page
    assert "Prescribed" in page
    assert "As of" in page
    assert "Not kept up to date" not in page


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({}, "None on file"),
        ({"blood_thinner_held": True}, "On hold"),
        ({"blood_thinner_held": True, "blood_thinner_name": "warfarin"}, "warfarin: on hold"),
        ({"blood_thinner_held": True, "thinner_restart_on": "2026-12-05"}, "On hold until Dec 5, 2026"),
        (
            {"blood_thinner_held": True, "thinner_restart_on": "2026-12-05", "blood_thinner_name": "warfarin"},
            "warfarin: on hold until Dec 5, 2026",
        ),
        ({"blood_thinner_held": True, "blood_thinner_continued": True}, "On hold"),
        ({"blood_thinner_continued": True}, "<strong>Takes a blood thinner or aspirin</strong>"),
        ({"blood_thinner_name": "aspirin"}, "aspirin"),
    ],
)
def test_each_way_of_a_blood_thinner_has_its_words(people: Cast, record: dict[str, Any], words: str) -> None:
    assert f"<dt>Blood thinner</dt> <dd> {words} </dd>" in card(people, **record)


def test_after_the_recovery_the_cement_stays_and_the_rest_is_said_to_be_old(people: Cast) -> None:
    page = card(people, **FULL, closed_at=timezone.now())
    assert "Bone cement (PMMA) in the spine" in page
    assert "Not kept up to date since" in page

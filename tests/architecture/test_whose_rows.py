"""A page, form or selector can not forget whose rows it asks for: it names no table's own manager."""

import ast
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db.models import OuterRef

from alerts.models import Alert, AlertEvent, OnCallShift
from ops.up import ROOT
from patients.models import Patient, Procedure, User
from patients.scoping import across_clinics, for_staff, joined, rows_of
from patients.wall.policies import RULES
from recovery.models import Assessment, DailyLog, Reminder
from tests.architecture.product_code import nodes_of, text_of
from tests.people import Cast, cast

MANAGERS = {"objects", "all_clinics", "_default_manager", "_base_manager"}
DOORS = ("views", "desk", "phone", "forms", "selectors", "screens")
# Others that pages read by.
ALSO = ("alerts/oncall/week.py", "alerts/messaging/delivery_list.py")
CLINICS = {model.__name__ for model in apps.get_models() if model._meta.db_table in RULES}


def doors() -> Iterator[tuple[str, str]]:
    for app in ("patients", "alerts", "recovery"):
        for path in sorted((ROOT / app).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if name in ALSO or any(part in DOORS for part in name.removesuffix(".py").split("/")):
                yield name, text_of(path)


def unscoped(source: str) -> list[str]:
    """The managers of clinics' tables that a module names; objects.none() asks for nothing."""
    nothing = {node.value for node in nodes_of(source) if isinstance(node, ast.Attribute) and node.attr == "none"}
    return [ast.unparse(node) for node in nodes_of(source) if _is_manager(node) and node not in nothing]


def _is_manager(node: ast.AST) -> bool:
    if not isinstance(node, ast.Attribute) or node.attr not in MANAGERS:
        return False
    return ast.unparse(node.value).split(".")[-1] in CLINICS


def test_views_reach_patients_only_through_scoping() -> None:
    found = {name: unscoped(text) for name, text in doors()}
    assert {name: places for name, places in found.items() if places} == {}


@pytest.mark.parametrize(
    "source", ["Alert.objects.all()", "models.Patient.all_clinics.get(pk=1)", "m = Staff.objects"]
)
def test_a_table_asked_without_whose_is_found(source: str) -> None:
    assert unscoped(source)


def test_an_empty_choice_and_a_table_of_no_clinic_are_none() -> None:
    assert unscoped("Staff.objects.none(); User.objects.filter(pk=1)") == []


@pytest.mark.parametrize(
    "whose",
    [{}, {"patient": None}, {"patient": 1, "clinic": 1}, {"state": "open"}, {"pk": 1}],
)
def test_rows_of_nobody_or_of_two_are_refused(whose: dict[str, int]) -> None:
    with pytest.raises(TypeError, match="Say whose rows of Alert"):
        rows_of(Alert, **whose)


def test_rows_of_somebody_the_table_does_not_know_are_refused() -> None:
    with pytest.raises(TypeError, match="has no alert"):
        rows_of(Procedure, alert=1)
    with pytest.raises(TypeError, match="has no clinic"):
        rows_of(User, clinic=1)


@pytest.fixture
def people(db: None) -> Cast:
    return cast()


def test_a_row_finds_its_clinic_by_whom_it_is_about(people: Cast) -> None:
    assert list(rows_of(Procedure, clinic=people.clinic)) == [people.procedure]
    assert list(rows_of(Procedure, clinic=people.other_clinic.pk)) == []
    for model in (DailyLog, Assessment, Reminder, AlertEvent, OnCallShift):
        assert not rows_of(model, clinic=people.clinic).exists()


def test_several_owners_and_one_of_the_row_outside_are_asked_in_one_statement(
    people: Cast, django_assert_num_queries: object
) -> None:
    mine = for_staff(people.nurse)
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert list(rows_of(Procedure, patient=mine)) == [people.procedure]
        assert list(rows_of(Procedure, patient=[people.patient.pk])) == [people.procedure]
        found = mine.annotate(began=rows_of(Procedure, patient=OuterRef("pk")).values("ended_at")[:1])
        assert [row.began for row in found] == [people.procedure.ended_at]


def test_across_clinics_says_why(people: Cast) -> None:
    assert across_clinics(Patient, "a test").count() == joined(Patient).count() == 2
    with pytest.raises(AssertionError):
        across_clinics(Patient, "")

"""What a role and a helper may do stands in patients/permissions.py alone, and on the page written from it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.http import HttpRequest

from ops.up import ROOT
from patients.models import Caregiver, Patient, Staff, User
from patients.permissions import ROLE_WORDS, Permission, Who, may, one_of, roles_with
from patients.permissions_page import page
from patients.templatetags.kypho import may_do
from tests.architecture.product_code import nodes_of, text_of

PRODUCT = ("patients", "alerts", "recovery", "config", "ops")
TABLE = "patients/permissions.py"
# Where a role is given to somebody new, and where the roles are defined.
GIVEN = {
    "patients/models/staff.py",
    "alerts/models/oncall.py",
    "recovery/canary/people.py",
    "recovery/management/commands/create_clinic.py",
    "recovery/management/commands/seed_demo.py",
}
# Where the patient sets what a helper may, and where that is stored.
SET_BY_THE_PATIENT = {"patients/models/caregiver.py", "patients/services/helpers.py", "patients/forms/helpers.py"}
ROLES = {role.name for role in Staff.Role}
LET = {one.if_let for one in Permission if one.if_let}
COMPARED = re.compile(r"\brole\s*(?:==|!=|in\b|not in\b)")
ASKED = re.compile(r"\|may:\"(\w+)\"")


def sources() -> Iterator[tuple[str, str]]:
    for app in PRODUCT:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), text_of(path)


def templates() -> Iterator[tuple[Path, str]]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield path, path.read_text(encoding="utf-8")


def own_decisions(source: str) -> list[str]:
    """Each place of a module that decides something by the name of a role."""
    return [ast.unparse(node) for node in nodes_of(source) if _decides(node)]


def _decides(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in ROLES and ast.unparse(node.value).split(".")[-1] in ("Role", "Who")
    if isinstance(node, ast.keyword):
        return node.arg in ("role", "role__in") and _is_written_out(node.value)
    if not isinstance(node, ast.Compare):
        return False
    sides = [node.left, *node.comparators]
    return any(_is_a_role(side) for side in sides) and any(_is_written_out(side) for side in sides)


def _is_a_role(node: ast.AST) -> bool:
    return ast.unparse(node).split(".")[-1] == "role"


def _is_written_out(node: ast.AST) -> bool:
    """A role's own code, or several."""
    parts = node.elts if isinstance(node, (ast.Tuple, ast.List, ast.Set)) else [node]
    return any(isinstance(part, ast.Constant) and part.value in Staff.Role.values for part in parts)


@pytest.mark.parametrize(
    "source",
    [
        "staff.role == Staff.Role.MANAGER",
        "staff.role == 'manager'",
        "role in ('nurse', 'physician')",
        "Staff.objects.filter(role='nurse')",
        "WORDS = {Role.NURSE: 'x'}",
    ],
)
def test_a_decision_by_the_name_of_a_role_is_found(source: str) -> None:
    assert own_decisions(source)


def test_a_comparison_of_two_peoples_roles_is_none() -> None:
    assert own_decisions("person.role == shift.role") == []


def test_only_the_table_decides_by_the_name_of_a_role() -> None:
    found = {path: own_decisions(text) for path, text in sources() if path not in (TABLE, *GIVEN)}
    assert {path: places for path, places in found.items() if places} == {}


def test_only_the_table_reads_what_a_patient_lets_a_helper_do() -> None:
    found = {
        path: sorted(LET & {node.attr for node in nodes_of(text) if isinstance(node, ast.Attribute)})
        for path, text in sources()
        if path not in (TABLE, *SET_BY_THE_PATIENT)
    }
    # sending.may_log asks the table, for the log's pages
    assert {path for path, names in found.items() if names} <= {
        str(path.relative_to(ROOT)) for path in (ROOT / "recovery" / "phone").rglob("*.py")
    }


def test_no_template_decides_by_the_name_of_a_role() -> None:
    mine = "value == person.role"
    assert [str(path) for path, text in templates() if COMPARED.search(text.replace(mine, ""))] == []


def test_templates_ask_for_permissions_that_exist() -> None:
    asked = {name for _, text in templates() for name in ASKED.findall(text)}
    assert asked
    assert asked <= set(Permission.__members__)


def test_every_permission_is_asked_for_somewhere() -> None:
    text = "".join(text for path, text in sources() if path != TABLE) + "".join(text for _, text in templates())
    assert [one.name for one in Permission if not re.search(rf'(?:Permission\.|may:"){one.name}\b', text)] == []


def test_every_role_has_its_words_and_some_permission() -> None:
    assert set(ROLE_WORDS) == {Who(role.value) for role in Staff.Role}
    assert all(any(role.value in one.who for one in Permission) for role in Staff.Role)


def test_the_page_is_as_the_table() -> None:
    written = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    assert written == page(), "run bin/manage write_permissions"


def test_who_has_no_access_may_nothing() -> None:
    assert not any(may(Staff(role=role, active=False), one) for role in Staff.Role for one in Permission)
    assert not any(may(User(is_superuser=True, is_active=False), one) for one in Permission)
    assert not any(may(User(), one) for one in Permission)


def test_a_helper_does_what_the_patient_let_them() -> None:
    both, neither = Caregiver(may_log=True, may_be_alerted=True), Caregiver(may_log=False, may_be_alerted=False)
    assert may(both, Permission.LOG)
    assert may(both, Permission.GET_ALERT_NOTES)
    assert not any(may(neither, one) for one in Permission if one.if_let)


def test_patients_and_helpers_have_nothing_at_the_desk() -> None:
    people = (Patient(), Caregiver(may_log=True, may_be_alerted=True))
    assert not any(may(person, one) for person in people for one in Permission if one.at_desk)


def test_an_operator_sees_no_patient() -> None:
    assert {one for one in Permission if may(User(is_superuser=True), one)} == {Permission.SEE_STATUS}


def test_only_clinicians_lift_limits_and_only_managers_manage() -> None:
    assert roles_with(Permission.LIFT_LIMITS) == (Staff.Role.NURSE, Staff.Role.PHYSICIAN)
    assert one_of(Permission.LIFT_LIMITS) == "a nurse or a physician"
    for only in (Permission.MANAGE_STAFF, Permission.SET_CLINIC, Permission.SET_ESCALATION):
        assert roles_with(only) == (Staff.Role.MANAGER,)


def test_a_template_asks_for_nobody_and_never_for_a_wrong_name() -> None:
    request = HttpRequest()
    assert may_do(request, "SEE_STATUS") is False
    request.staff = Staff(role="manager")
    assert may_do(request, "SEE_STATUS") is True
    assert may_do(Staff(role="nurse"), "SEE_STATUS") is False
    with pytest.raises(KeyError):
        may_do(request, "SEE_STATUSES")

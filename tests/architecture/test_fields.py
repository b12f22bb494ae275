"""docs/fields.md knows every field of every form, of every answer for a phone, and of the records about people."""

import json
import re
import uuid
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from ops.up import ROOT
from patients.forms.procedure import ProcedureForm
from patients.models import Staff
from patients.permissions import Permission
from tests.people import Cast, cast
from tests.recovery.conftest import CALM, NUMB

TEXT = (ROOT / "docs" / "fields.md").read_text(encoding="utf-8")
APPS = ("patients", "alerts", "recovery")
# Forms on pages that more people open than may change something there, and the test that holds them.
NARROWER = {
    "ClearanceForm": "test_every_role_sets_but_a_manager_never_lifts_a_limit",
    "HeavyForm": "test_every_role_sets_but_a_manager_never_lifts_a_limit",
    "StrenuousForm": "test_every_role_sets_but_a_manager_never_lifts_a_limit",
    "RestartForm": "test_a_manager_sets_no_day_to_start_a_medicine_again",
    "PolicyForm": "test_nurses_read_and_can_not_save",
    "StepForm": "test_nurses_read_and_can_not_save",
    "ShiftForm": "test_nurses_read_and_others_find_nothing",
    "LogHoursForm": "test_the_hours_are_the_patients_own",
    "SettingForm": "test_nobody_else_changes_anything",
}


def rows(title: str) -> list[list[str]]:
    """The cells of the table under a heading that begins so."""
    part = re.split(r"^##+ ", TEXT, flags=re.MULTILINE)
    under = next(one for one in part if one.startswith(title))
    lines = [line for line in under.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def ticked(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def known_forms() -> dict[str, list[str]]:
    """Every form of the product that asks for something."""
    found = {}
    for app in APPS:
        for module in walk_packages(import_module(app).__path__, f"{app}."):
            if re.search(r"\.(migrations|management|simulator|__main__)\b", module.name):
                continue
            for kind in vars(import_module(module.name)).values():
                if isinstance(kind, type) and issubclass(kind, forms.BaseForm) and kind.__module__ == module.name:
                    found[kind.__name__] = list(getattr(kind, "base_fields", {}))
    return {name: fields for name, fields in found.items() if fields}


def views(patterns: Any = None, space: str = "") -> Iterator[tuple[str, Any]]:
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLResolver):
            yield from views(one.url_patterns, f"{one.namespace}:" if one.namespace else space)
        elif isinstance(one, URLPattern) and one.name:
            yield f"{space}{one.name}", one.callback


def who_opens(name: str) -> set[str]:
    """By the door of the page; one without a door is open to anyone."""
    permission = getattr(dict(views())[name], "access", None)
    return {who.value for who in permission.who} if permission else {"anyone"}


def test_every_field_of_every_form_stands_there() -> None:
    assert {row[0]: ticked(row[1]) for row in rows("Forms")} == known_forms()


def test_whoever_opens_a_form_is_who_is_said_to_change_its_fields() -> None:
    for name, _, at, who in rows("Forms"):
        said = set(who.split(", "))
        opens = set().union(*(who_opens(one) for one in ticked(at)))
        assert said < opens if name in NARROWER else said == opens, name


def test_what_narrows_a_page_has_its_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name in NARROWER.values() if f"def {name}(" not in tests] == []


@pytest.mark.django_db
def test_what_is_left_to_clinicians_stands_there_field_by_field() -> None:
    procedure = cast().procedure
    procedure.blood_thinner_held, procedure.thinner_restart_on = True, timezone.now().date()
    closed = {}
    for role in Staff.Role.values:
        known = {"instance": procedure, "clinic": procedure.patient.clinic, "now": timezone.now()}
        form = ProcedureForm(**known, may_lift=role in Permission.LIFT_LIMITS.who)
        closed[role] = {name for name, field in form.fields.items() if field.disabled}
    line = re.search(r"^- ProcedureForm, to a manager:(.*?)^- ", TEXT, re.MULTILINE | re.DOTALL)
    assert line
    narrow = set(ticked(line[1]))
    assert closed == {role: set() if role in Permission.LIFT_LIMITS.who else narrow for role in Staff.Role.values}


def keys(found: Any, way: str = "") -> Iterator[str]:
    """The name of each value, as the table writes it; a person's code is CODE."""
    if isinstance(found, list):
        for one in found:
            yield from keys(one, f"{way}[]")
    elif isinstance(found, dict):
        for name, value in found.items():
            here = f"{way}.{'CODE' if re.fullmatch('[0-9a-f-]{36}', name) else name}".lstrip(".")
            yield here
            yield from keys(value, here)


def answers(client: Client, people: Cast) -> dict[str, Any]:
    log = {"client_id": str(uuid.uuid4()), "answers": {**CALM, **NUMB}, "about": str(people.patient.code)}
    at = "application/json"
    return {
        "POST /api/logs/": client.post("/api/logs/", json.dumps(log), at),
        "GET /api/facts/": client.get("/api/facts/"),
        "GET /api/phone/": client.get("/api/phone/"),
        "a refusal": client.post("/api/logs/", "{}", at),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["patient", "helper"])
def test_every_key_of_an_answer_for_a_phone_stands_there(who: str) -> None:
    people = cast()
    client = Client()
    client.force_login(getattr(people, who).user)
    found = {name: set(keys(answer.json())) for name, answer in answers(client, people).items()}
    assert found == {row[0]: set(ticked(row[1])) for row in rows("Answers")}


def test_every_field_of_every_record_about_people_stands_there() -> None:
    models = {model.__name__: model for app in APPS for model in apps.get_app_config(app).get_models()}
    names = re.findall(r"^### (\w+)$", TEXT, re.MULTILINE)
    asked = {"Patient", "Procedure", "DailyLog", "Alert", "PatientContact", "ContactMethod", "ClinicSetting"}
    assert set(names) >= asked | {"Staff", "Caregiver"}
    for name in names:
        said = [field for row in rows(f"{name}\n") for field in ticked(row[0])]
        have = {field.name for field in models[name]._meta.concrete_fields} - {"id"}
        assert (sorted(said), name) == (sorted(have), name)

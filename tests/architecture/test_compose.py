"""docker-compose.yml cannot be run here, so it is held to its own schema and to what bin/up runs."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from config.lanes import LANES
from config.supervisor import GIVES_WAY, PROCESSES
from config.up import ROOT
from patients.wall.roles import ROLES, SERVING

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_the_compose_file_is_valid_by_the_compose_specification() -> None:
    schema = json.loads((Path(__file__).parent / "compose-spec.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(COMPOSE)


@pytest.mark.parametrize("name", PROCESSES)
def test_a_container_runs_what_bin_up_runs(name: str) -> None:
    assert SERVICES[name]["command"] == [part.format(data="/data") for part in PROCESSES[name]]


def test_every_process_is_of_one_image_and_waits_for_the_prepared_database() -> None:
    for name in PROCESSES:
        assert SERVICES[name]["image"] == SERVICES["prepare"]["image"]
        assert SERVICES[name]["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}


def test_no_other_service_is_there_than_the_engines_the_door_and_the_preparation() -> None:
    assert set(SERVICES) - set(PROCESSES) == {"postgres", "valkey", "caddy", "front", "prepare"}


def test_who_reads_gives_way_as_under_bin_up() -> None:
    assert {name for name, service in SERVICES.items() if "cpu_shares" in service} == set(GIVES_WAY)


def test_only_the_door_is_open_to_the_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["caddy"]


def test_the_door_sends_everything_to_the_front_and_the_front_to_every_lane() -> None:
    caddyfile = (ROOT / "Caddyfile").read_text()
    assert re.findall(r"reverse_proxy (\S+)", caddyfile) == ["front:8000"]
    words = SERVICES["front"]["command"]
    assert {name: words[words.index(f"--{name}") + 1] for name in LANES} == {
        name: f"{name}:8000" for name in LANES
    }


@pytest.mark.parametrize("name", PROCESSES)
def test_a_container_signs_in_to_the_database_as_its_role_and_knows_no_other_way_in(name: str) -> None:
    told = SERVICES[name]["environment"]
    assert told["DATABASE_URL"].startswith(f"postgresql://{SERVING[name].name}:${{{SERVING[name].env}:?")
    others = ["POSTGRES_PASSWORD", *(role.env for role in ROLES)]
    # Set and empty: what .env says of them does not reach it.
    assert {told[other] for other in others} == {""}


def test_no_secret_stands_in_the_file() -> None:
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", *(role.env for role in ROLES)):
        assert re.findall(rf"{name}: (?!\$\{{|\"\")\S+", (ROOT / "docker-compose.yml").read_text()) == []

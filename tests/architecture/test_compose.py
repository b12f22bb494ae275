"""docker-compose.yml cannot be run here, so it is held to its own schema and to what bin/up runs."""

import hashlib
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
import yaml

from config.secret_files import read_secrets
from ops.lanes import LANES
from ops.supervisor import GIVES_WAY, PROCESSES
from ops.up import ROOT
from ops.wrong_settings import wrong_settings
from patients.wall.roles import ROLES, SERVING


def script(name: str) -> ModuleType:
    """One of the modules beside bin/secrets, which run before anything is installed."""
    sys.path.insert(0, str(ROOT / "bin"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(ROOT / "bin"))


BROKER, CERTIFICATES = script("broker"), script("certificates")
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
    assert re.findall(r"reverse_proxy (\S+)", caddyfile) == ["https://front:8000"]
    words = SERVICES["front"]["command"]
    assert {name: words[words.index(f"--{name}") + 1] for name in LANES} == {
        name: f"{name}:8000" for name in LANES
    }


def secrets_of(name: str) -> dict[str, str]:
    """The setting, and the file that tells it."""
    return {given["target"]: given["source"] for given in SERVICES[name]["secrets"] if given["target"].isupper()}


@pytest.mark.parametrize("name", PROCESSES)
def test_a_container_signs_in_to_the_database_as_its_role_and_knows_no_other_way_in(name: str) -> None:
    role = SERVING[name].name.removeprefix("kypho_")
    assert secrets_of(name) == {
        "SECRET_KEY": "secret_key",
        "DATA_KEYS": "data_keys",
        "REDIS_URL": f"redis_url_{name if name in BROKER.USERS else 'pages'}",
        "DATABASE_URL": f"database_url_{role}",
    }


def test_no_secret_of_dotenv_reaches_a_container() -> None:
    told = SERVICES["web"]["environment"]
    ours = ["SECRET_KEY", "DATA_KEYS", "DATABASE_URL", "REDIS_URL", "POSTGRES_PASSWORD"]
    others = [*ours, *(role.env for role in ROLES)]
    # Set and empty: what .env says of them does not reach it.
    assert {told[other] for other in others} == {""}
    for name in (*PROCESSES, "prepare"):
        assert {SERVICES[name]["environment"][other] for other in others} == {""}


def test_the_front_knows_no_secret_and_nothing_of_dotenv() -> None:
    assert (secrets_of("front"), SERVICES["front"]["env_file"]) == ({}, [])
    assert [given["source"] for given in SERVICES["caddy"]["secrets"]] == ["authority_certificate"]
    # Where the rows lie, their keys do not.
    assert "data_keys" not in str(SERVICES["postgres"])


def test_no_secret_stands_in_the_file() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("SECRET_KEY", "DATA_KEYS", "POSTGRES_PASSWORD", *(role.env for role in ROLES)):
        assert re.findall(rf"{name}: (?!\$\{{|\"\")\S+", text) == []
    assert {given["file"] for given in COMPOSE["secrets"].values()} == {
        f"./secrets/{name}" for name in COMPOSE["secrets"]
    }


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_writes_nothing_but_what_is_named_and_gains_no_right(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert "/tmp" in service["tmpfs"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    # The engines begin as root and make their folder their own; Caddy listens below 1024. Ours need nothing.
    given = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}
    allowed = {"postgres": given, "valkey": given, "caddy": {"NET_BIND_SERVICE"}}
    assert set(service.get("cap_add", [])) <= allowed.get(name, set())


def test_whoever_is_reached_from_outside_does_not_reach_the_engines() -> None:
    networks = {name: service["networks"] for name, service in SERVICES.items()}
    assert (networks.pop("caddy"), networks.pop("front")) == (["door", "front"], ["front", "back"])
    out = {name for name, joined in networks.items() if joined == ["back", "out"]}
    assert {name for name, joined in networks.items() if joined == ["back"]} == set(networks) - out
    # Who calls providers and webhooks; everybody else has no way out.
    assert out == {"web", "urgent", "worker", "watchdog"}
    assert {name for name, told in COMPOSE["networks"].items() if told} == {"front", "back"}
    assert COMPOSE["networks"]["front"] == COMPOSE["networks"]["back"] == {"internal": True}


@pytest.mark.parametrize("name", ["events", "beat"])
def test_who_sends_nothing_knows_no_token_of_a_provider(name: str) -> None:
    told = SERVICES[name]["environment"]
    tokens = ("EMAIL_URL", "SMS_TOKEN", "VAPID_PRIVATE_KEY", "WATCHDOG_SMTP_URL", "WATCHDOG_SMS_TOKEN")
    assert {told[token] for token in tokens} == {""}
    # Of no use one without the others, and refused.
    assert wrong_settings({setting: value for setting, value in told.items() if "$" not in value}) == []


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A project folder in which the secrets are made."""
    (tmp_path / "bin").mkdir()
    for name in ("bootstrap.py", "broker.py", "certificates.py", "secrets"):
        shutil.copy(ROOT / "bin" / name, tmp_path / "bin")
    shutil.copy(ROOT / ".env.example", tmp_path)
    (tmp_path / ".env").write_text("SECRET_KEY=the key from before\nDB_PASSWORD_APP=p@ss\n")
    make_secrets(tmp_path)
    return tmp_path / "secrets"


def make_secrets(folder: Path) -> str:
    """bin/secrets; what it said."""
    done = subprocess.run(
        [folder / "bin" / "secrets"], capture_output=True, text=True, env={"PATH": os.environ["PATH"]}
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_every_secret_that_compose_names_is_made_and_none_twice(made: Path) -> None:
    assert {place.name for place in made.iterdir()} >= set(COMPOSE["secrets"])
    before = {place.name: place.read_text() for place in made.iterdir()}
    assert "Taken over from .env; take them out there: SECRET_KEY, DB_PASSWORD_APP." in make_secrets(made.parent)
    assert {place.name: place.read_text() for place in made.iterdir()} == before
    long = {
        name: text for name, text in before.items() if name.endswith("password") or name == "db_password_owner"
    }
    assert len(set(long.values())) == len(long) == 2
    assert len({before[f"valkey_password_{name}"] for name in BROKER.USERS}) == len(BROKER.USERS)
    assert min(map(len, long.values())) >= 48


def test_what_dotenv_said_before_is_still_true(made: Path) -> None:
    assert (made / "secret_key").read_text() == "the key from before"
    assert (made / "database_url_app").read_text().startswith("postgresql://kypho_app:p%40ss@postgres:5432/kypho?")
    assert made.stat().st_mode & 0o777 == 0o700


def test_a_process_reads_its_secrets_and_what_the_environment_says_wins(made: Path, tmp_path: Path) -> None:
    mounted = tmp_path / "run"
    (mounted / "folder").mkdir(parents=True)
    for target, source in secrets_of("web").items():
        shutil.copy(made / source, mounted / target)
    shutil.copy(made / "valkey_conf", mounted / "valkey.conf")
    environment = {"SECRET_KEY": "", "REDIS_URL": "redis://mine"}
    read_secrets(environment, mounted)
    assert environment == {
        "SECRET_KEY": "the key from before",
        "DATA_KEYS": (made / "data_keys").read_text(),
        "REDIS_URL": "redis://mine",
        "DATABASE_URL": (made / "database_url_app").read_text(),
    }
    read_secrets(environment, tmp_path / "nowhere")


def test_the_broker_knows_each_process_by_a_password_of_its_own_and_keeps_none(made: Path) -> None:
    assert "/run/secrets/valkey.conf" in SERVICES["valkey"]["command"]
    lines = (made / "valkey_conf").read_text().splitlines()
    assert "user default off" in lines
    for name in BROKER.USERS:
        password = (made / f"valkey_password_{name}").read_text()
        assert password not in "".join(lines)
        assert f"user {name} on #{hashlib.sha256(password.encode()).hexdigest()} " in "\n".join(lines)
        assert (made / f"redis_url_{name}").read_text().startswith(f"rediss://{name}:{password}@valkey:6379/0?")


# --- TLS between all of them; that it holds is tried in test_inner_tls.py ---


def own_files(name: str) -> dict[str, str]:
    """The certificates and keys that a container sees."""
    given = [one for one in SERVICES[name].get("secrets", []) if isinstance(one, dict)]
    return {one["target"]: one["source"] for one in given if one["target"].endswith((".crt", ".key"))}


def test_every_server_inside_shows_a_certificate_of_its_own_and_nobody_sees_another_s_key() -> None:
    for name in SERVICES:
        keys = {source for source in own_files(name).values() if source.endswith("_key")}
        assert keys == ({f"{name}_key"} if name in CERTIFICATES.SERVERS else set())
    assert "authority_key" not in COMPOSE["secrets"]
    for name in LANES:
        assert own_files(name)["own.crt"] == f"{name}_certificate"
        told = SERVICES[name]["environment"]
        assert told["GRANIAN_SSL_CERTIFICATE"] == "/run/secrets/own.crt"
        assert told["GRANIAN_SSL_KEYFILE"] == "/run/secrets/own.key"
    front = SERVICES["front"]["command"]
    assert front[front.index("--tls") + 1] == "/run/secrets"
    assert "tls_trust_pool file /run/secrets/authority.crt" in (ROOT / "Caddyfile").read_text()


def test_postgresql_and_valkey_hear_nothing_in_the_clear(made: Path) -> None:
    words = SERVICES["postgres"]["command"]
    assert {"ssl=on", "ssl_cert_file=/run/secrets/own.crt", "hba_file=/etc/kypho/pg_hba.conf"} <= set(words)
    rules = [line.split() for line in (ROOT / "config/compose/pg_hba.conf").read_text().splitlines()]
    assert {rule[0] for rule in rules if not rule[0].startswith("#")} == {"local", "hostssl"}
    lines = (made / "valkey_conf").read_text().splitlines()
    assert {"port 0", "tls-port 6379"} <= set(lines)


def test_every_process_believes_our_own_authority_alone(made: Path) -> None:
    for name in (*PROCESSES, "prepare"):
        assert own_files(name)["authority.crt"] == "authority_certificate"
    for place in made.iterdir():
        if place.name.startswith("database_url"):
            assert place.read_text().endswith("?sslmode=verify-full&sslrootcert=/run/secrets/authority.crt")
        if place.name.startswith("redis_url"):
            assert place.read_text().endswith("?ssl_cert_reqs=required&ssl_ca_certs=/run/secrets/authority.crt")

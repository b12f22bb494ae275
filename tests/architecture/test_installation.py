"""What an installation is stands in its database, and wins over any flag and any setting."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from config.celery import KnowsItsPlace
from ops import prepare
from ops.child import Failure
from ops.datadir import DataDir
from ops.up import which_kind
from patients.installation import DEMO_HERE, REAL_HERE, refuse_another_kind, settle
from patients.models import Clinic, Installation
from tests.architecture.test_start import command
from tests.people import cast, make_clinic


@pytest.mark.parametrize("demo", [True, False])
def test_the_first_start_writes_it_down_and_no_setting_changes_it(db: None, settings: Any, demo: bool) -> None:
    settings.DEMO = demo
    assert settle() == ""
    settings.DEMO = not demo
    assert settle() == (DEMO_HERE if demo else REAL_HERE)
    assert Installation.objects.get().kind == ("demo" if demo else "real")


def test_an_installation_of_before_is_known_by_its_clinics(db: None, settings: Any) -> None:
    settings.DEMO = True
    cast()
    assert settle() == REAL_HERE


def test_a_demo_of_before_stays_one(db: None, settings: Any) -> None:
    make_clinic(name="Riverside Spine Clinic (demo)")
    assert settle() == DEMO_HERE


def test_a_real_installation_shows_no_outbox_and_is_seeded_with_nobody_though_a_setting_says_demo(
    db: None, settings: Any
) -> None:
    settle()
    settings.DEMO = True
    assert Client().get("/outbox/").status_code == 404
    with pytest.raises(CommandError, match="This is a real installation"):
        call_command("seed_demo")
    assert not Clinic.objects.exists()


def test_it_is_refused_before_anything_is_migrated(
    db: None, settings: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settle()
    settings.DEMO = True
    ran: list[str] = []

    def run(name: str, **options: Any) -> None:
        ran.append(name)
        call_command(name, **options)

    monkeypatch.setattr(prepare, "call_command", run)
    assert prepare.main([]) == 1
    assert capsys.readouterr().out == f"{REAL_HERE}\n"
    assert ran == ["settle_installation"]
    with pytest.raises(SystemExit, match="nothing was started"):
        refuse_another_kind()


@pytest.mark.django_db(transaction=True)
def test_worker_and_watchdog_refuse_it_too(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Started alone, by another unit or container, they would send a real clinic's messages to a demo's outbox."""
    monkeypatch.setattr("config.celery.refuse_too_strong", lambda role: None)
    monkeypatch.setattr("recovery.management.commands.watchdog.refuse_too_strong", lambda role: None)
    monkeypatch.setattr("recovery.management.commands.watchdog.Guard", None)
    settle()
    settings.DEMO = True
    with pytest.raises(SystemExit, match="nothing was started"):
        KnowsItsPlace(None)
    with pytest.raises(SystemExit, match="nothing was started"):
        call_command("watchdog")


@pytest.mark.parametrize(
    ("kind", "no_demo", "said", "demo"),
    [
        ("", False, "", True),
        ("", True, "", False),
        ("", False, "0", False),
        ("real", False, "", False),
        ("real", True, "", False),
        ("demo", False, "", True),
        ("demo", False, "1", True),
        ("real", False, "1", None),
        ("demo", True, "", None),
        ("demo", False, "0", None),
    ],
)
def test_a_start_without_a_flag_is_of_the_kind_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, no_demo: bool, said: str, demo: bool | None
) -> None:
    monkeypatch.setenv("DEMO", said)
    if kind:
        DataDir(tmp_path).keep_kind(demo=kind == "demo")
    if demo is None:
        with pytest.raises(Failure):
            which_kind(DataDir(tmp_path), no_demo=no_demo)
    else:
        assert which_kind(DataDir(tmp_path), no_demo=no_demo) is demo


@pytest.mark.processes
def test_a_real_installation_is_never_started_as_a_demo(tmp_path: Path) -> None:
    tmp_path.parent.chmod(0o711)
    tmp_path.chmod(0o711)
    place = str(tmp_path / "data")
    made = command("manage", "--data", place, "migrate", DEMO="0")
    assert made.returncode == 0, made.stderr
    assert command("manage", "--data", place, "settle_installation", DEMO="0").returncode == 0
    # The file beside it is only for an early answer: the database decides.
    refused = command("up", "--port", "0", "--data", place, DEMO="1")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].endswith(REAL_HERE)

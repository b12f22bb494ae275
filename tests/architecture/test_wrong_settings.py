"""A slip in the settings ends with what to write instead: never with a page of Python, never at night."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops import prepare
from ops.hints import NO_CLINIC, NO_TEXTS, hints
from ops.up import ROOT
from ops.wrong_settings import CHECKS, wrong_settings
from tests.people import cast

LONG = "a-key-for-tests-only-a-key-for-tests-only"
KEY = "a-key-for-tests-only-a-key-for-tests-only-0"
KEY = "rPHGE8XxTJ0UHuGqQ5AtgVqHqFLbOPBpKJOyFHsFlyE"
WRONG = (
    ("DATABASE_URL", "kypho"),
    ("DATABASE_URL", "mysql://a:b@db/kypho"),
    ("DATABASE_URL", "postgresql://a:b@db:5432"),
    ("DATABASE_URL", "postgresql://a:b@db:port/kypho"),
    ("DATABASE_URL", "postgresql://a:pass#word@db:5432/kypho"),
    ("DATABASE_URL", "postgresql://[half/kypho"),
    ("REDIS_URL", "localhost:6379"),
    ("REDIS_URL", "redis://localhost:port/0"),
    ("EMAIL_URL", "mail.example.org:25"),
    ("EMAIL_URL", "smpt://mail.example.org"),
    ("WATCHDOG_SMTP_URL", "mail.example.org"),
    ("WATCHDOG_SMTP_URL", "smtp://mail.example.org:abc"),
    ("BASE_URL", "clinic.example"),
    ("BASE_URL", "http://[half"),
    ("CANARY_URL", "ftp://recovery.example.org"),
    ("OUTSIDE_HEARTBEAT_URL", "hc.example.org/abc"),
    ("SMS_API_URL", "api.example.org"),
    ("CSRF_TRUSTED_ORIGINS", "https://a.example.org,recovery.example.org"),
    ("ALLOWED_HOSTS", "https://recovery.example.org"),
    ("OUTBOUND_HOSTS", "hooks.example.org,https://other.example.org/in"),
    ("OUTBOUND_HOSTS", "*.org"),
    ("OUTBOUND_HOSTS", "a.*.example.org"),
    ("HTTPS", "maybe"),
    ("DEMO", "2"),
    ("STAFF_IDLE_MINUTES", "abc"),
    ("STAFF_IDLE_MINUTES", "0"),
    ("DB_CONN_MAX_AGE", "-1"),
    ("LOG_LEVEL", "loud"),
    ("DB_STATEMENT_TIMEOUT", "soon"),
    ("VAPID_PRIVATE_KEY", "abc"),
    ("VAPID_SUBJECT", "me@clinic.example"),
    ("WATCHDOG_EMAIL", "ops@example.org, nobody"),
    ("WATCHDOG_PHONE", "555-0100"),
    ("CANARY_EMAIL", "nobody"),
    ("WATCHDOG_COMMAND", "/nowhere/to/be/found --loud"),
    ("WATCHDOG_COMMAND", "tee 'half"),
    ("SECRET_KEY", "changeme"),
    ("BACKUP_RECIPIENTS", "me@clinic.example"),
    ("BACKUP_RECIPIENTS", "AGE-SECRET-KEY-1ABC"),
    ("BACKUP_KEEP_DAYS", "a month"),
    ("BACKUP_WITHIN_HOURS", "-1"),
    ("DATA_KEYS", "changeme"),
    ("DATA_KEYS", f"{KEY},{KEY[1:]}"),
)
RIGHT = {
    "DATABASE_URL": "postgresql://kypho:p%40ss@db.example.org:5432/kypho?sslmode=require",
    "REDIS_URL": "rediss://:secret@cache.example.org:6380/1",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
    "WATCHDOG_SMTP_URL": "smtp://localhost",
    "BASE_URL": "https://recovery.example.org",
    "CANARY_URL": "http://10.0.0.5:8000",
    "OUTSIDE_HEARTBEAT_URL": "https://hc.example.org/ping/abc?x=1",
    "SMS_API_URL": "http://127.0.0.1:8090",
    "WATCHDOG_SMS_API_URL": "https://api.twilio.com",
    "CSRF_TRUSTED_ORIGINS": "https://recovery.example.org, https://*.example.org",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1],.example.org,recovery.example.org",
    "OUTBOUND_HOSTS": "hooks.example.org, *.Example.org",
    "HTTPS": "off",
    "DEMO": "True",
    "STAFF_IDLE_MINUTES": "15",
    "DB_CONN_MAX_AGE": "0",
    "LOG_LEVEL": "WARNING",
    "DB_STATEMENT_TIMEOUT": "15s",
    "VAPID_PRIVATE_KEY": KEY,
    "VAPID_SUBJECT": "mailto:you@example.org",
    "WATCHDOG_EMAIL": "ops@example.org, second@example.org",
    "WATCHDOG_PHONE": "+13125550100,+13125550101",
    "CANARY_EMAIL": "canary@example.org",
    "WATCHDOG_COMMAND": "tee -a '/tmp/a file'",
    "SECRET_KEY": LONG,
    "DATA_KEYS": f"{KEY}, {KEY}=",
}


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_told_by_name_and_is_not_repeated(name: str, value: str) -> None:
    found = wrong_settings({name: value})
    assert len(found) == 1
    assert found[0].startswith(f"{name} ")
    assert found[0].endswith(".")
    assert value not in found[0]


def test_right_values_are_taken() -> None:
    assert wrong_settings(RIGHT) == []
    assert {name for name, _ in WRONG} <= CHECKS.keys()


def test_what_is_empty_is_not_set() -> None:
    assert wrong_settings(dict.fromkeys(CHECKS, "")) == []


@pytest.mark.parametrize("way", ["", "WATCHDOG_"])
def test_an_account_for_texts_needs_all_three(way: str) -> None:
    words = f"{way}SMS_ACCOUNT is set: {way}SMS_TOKEN and {way}SMS_FROM must be set too."
    assert wrong_settings({f"{way}SMS_ACCOUNT": "AC1"}) == [words]
    whole = {f"{way}SMS_{part}": "x" for part in ("ACCOUNT", "TOKEN", "FROM")}
    assert wrong_settings(whole) == []


def test_a_half_account_of_the_watchdog_is_told() -> None:
    """It would have been found out on the night on which the database is away."""
    found = wrong_settings({"WATCHDOG_SMS_FROM": "+13125550190"})
    assert found == ["WATCHDOG_SMS_FROM is set: WATCHDOG_SMS_ACCOUNT must be set too."]


def run(code: str, *arguments: str, **said: str) -> "subprocess.CompletedProcess[str]":
    """Python in the checkout, told nothing but this."""
    argv = [sys.executable, "-c", code, *arguments]
    environment = {"PATH": os.environ["PATH"], **said}
    return subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.programs
@pytest.mark.parametrize("module", ["up", "command"])
def test_nothing_starts_and_all_slips_are_told_at_once(module: str, tmp_path: Path) -> None:
    code = f"import sys; from ops.{module} import main; sys.exit(main(sys.argv[1:]))"
    arguments = ["--data", str(tmp_path / "data"), *(["shell"] if module == "command" else ["--port", "0"])]
    done = run(code, *arguments, DATABASE_URL="kypho", STAFF_IDLE_MINUTES="abc")
    assert (done.returncode, done.stdout) == (1, "")
    first, *slips = done.stderr.splitlines()
    assert first.endswith(": nothing starts before these settings are right:")
    assert sorted(line.split()[0] for line in slips) == ["DATABASE_URL", "STAFF_IDLE_MINUTES"]
    assert not (tmp_path / "data").exists()


@pytest.mark.programs
def test_a_key_can_be_made_while_the_key_is_wrong(tmp_path: Path) -> None:
    code = "import sys; from ops.command import main; sys.exit(main(sys.argv[1:]))"
    done = run(code, "--data", str(tmp_path / "data"), "make_vapid_key", VAPID_PRIVATE_KEY="abc")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("VAPID_PRIVATE_KEY=")


PREPARE = "import sys; from ops.prepare import main; sys.exit(main([]))"
NOBODY_THERE = "postgresql://kypho:secret@127.0.0.1:9/kypho"


@pytest.mark.programs
@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"DATABASE_URL": "kypho"}, "DATABASE_URL is no address of PostgreSQL"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"DATA_KEYS": ""}, "DATA_KEYS is not set"),
        ({"SMS_BACKEND": "no.such.Class"}, "SMS_BACKEND names no class that can be loaded"),
        (
            {"DATABASE_URL": NOBODY_THERE},
            "Connection refused (does PostgreSQL run there, and is DATABASE_URL right?)",
        ),
    ],
    ids=["address", "no key", "no keys of secrets", "no class", "nobody there"],
)
def test_where_docker_prepares_a_slip_is_one_line(said: dict[str, str], words: str, tmp_path: Path) -> None:
    right = {"SECRET_KEY": LONG, "DATA_KEYS": KEY, "STATIC_ROOT": str(tmp_path / "s"), "PLAIN_STATIC": "1"}
    done = run(PREPARE, **right | said)
    assert done.returncode == 1
    assert done.stderr == ""
    assert words in done.stdout
    assert len(done.stdout.splitlines()) == 1


def dotenv(folder: Path, text: str, *names: str) -> "subprocess.CompletedProcess[str]":
    """What bin/up takes from a .env with this text."""
    (folder / ".env").write_text(text)
    (folder / ".env.example").write_text((ROOT / ".env.example").read_text())
    code = "import os, pathlib, sys; sys.path.insert(0, 'bin'); import bootstrap\n"
    code += f"bootstrap.ROOT = pathlib.Path({str(folder)!r}); bootstrap.read_dotenv()\n"
    code += "print('|'.join(os.environ.get(name, '') for name in sys.argv[1:]), end='')"
    return run(code, *names)


@pytest.mark.programs
def test_a_name_that_is_misspelt_in_dotenv_is_told(tmp_path: Path) -> None:
    done = dotenv(tmp_path, "WATCHDOG_MAIL=ops@example.org\nexport HTTPS=0\n#MADE_UP=1\n", "HTTPS")
    assert done.stderr == ".env: WATCHDOG_MAIL is none of our settings: is it misspelt? .env.example lists all.\n"
    assert done.stdout == "0"


@pytest.mark.programs
def test_quotation_marks_inside_a_value_stay(tmp_path: Path) -> None:
    lines = (
        "WATCHDOG_COMMAND=page --to 'on call'",
        'DEFAULT_FROM_EMAIL="Care #1 <care@example.org>"  # who writes',
    )
    done = dotenv(tmp_path, "\n".join(lines), "WATCHDOG_COMMAND", "DEFAULT_FROM_EMAIL")
    assert (done.stdout, done.stderr) == ("page --to 'on call'|Care #1 <care@example.org>", "")


@pytest.mark.programs
def test_a_dotenv_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    code = "import pathlib, sys; sys.path.insert(0, 'bin'); import bootstrap\n"
    done = run(code + f"bootstrap.ROOT = pathlib.Path({str(tmp_path)!r}); bootstrap.read_dotenv()")
    assert done.returncode == 1
    assert done.stderr.endswith("cannot be read: it must be a plain text file, and yours\n")
    assert len(done.stderr.splitlines()) == 1


@pytest.fixture
def told(db: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """What a start prints. The roles of the test's own database are there already."""
    monkeypatch.delenv("DATABASE_URL")

    def start() -> list[str]:
        assert prepare.main([]) == 0
        return capsys.readouterr().out.splitlines()

    return start


@pytest.mark.slow
def test_whoever_starts_an_empty_installation_is_told_what_comes_next(
    settings: Any, told: Callable[[], list[str]]
) -> None:
    settings.DEMO, settings.SMS_BACKEND = False, "alerts.messaging.channels.twilio.Twilio"
    assert told() == [NO_CLINIC]
    cast()
    assert told() == []
    settings.SMS_BACKEND = "alerts.messaging.channels.sms.NotSetUp"
    assert told() == [NO_TEXTS]


@pytest.mark.slow
def test_a_mail_server_that_does_not_answer_is_told_at_the_start(
    settings: Any, told: Callable[[], list[str]]
) -> None:
    """With Docker nothing listens at localhost:25: without EMAIL_URL no message leaves, and nothing said so."""
    cast()
    settings.DEMO, settings.SMS_BACKEND = False, "alerts.messaging.channels.twilio.Twilio"
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "alerts.messaging.channels.smtp.EmailBackend", "127.0.0.1"
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_PORT = server.getsockname()[1]
        assert told() == []
    words = f"No mail server answers at 127.0.0.1:{settings.EMAIL_PORT}, so no e-mail can leave now"
    assert [line.split(":")[0:2] for line in told()] == [words.split(":")]
    settings.DEMO = True
    assert list(hints()) == []

"""Where secrets may come from: files of a folder, or a program that asks a vault."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config.secret_files import SECRETS, read_secrets
from ops.up import ROOT


def program(folder: Path, text: str) -> str:
    """A vault's own program: it prints this."""
    place = folder / "ask the vault"
    place.write_text(f"#!{sys.executable}\n{text}\n")
    place.chmod(place.stat().st_mode | stat.S_IXUSR)
    return f"'{place}'"


def test_a_program_tells_secrets_and_what_is_set_already_wins(tmp_path: Path) -> None:
    command = program(tmp_path, "print('SECRET_KEY=from=the vault\\n\\nSMS_TOKEN=t\\nDATA_KEYS=k')")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "DATA_KEYS").write_text("of the folder\n")
    said = {"SECRETS_COMMAND": command, "SECRETS_FOLDER": str(tmp_path / "files"), "SMS_TOKEN": "mine"}
    read_secrets(said)
    assert said.pop("SECRETS_FOLDER")
    # The program itself is named to nobody further.
    assert said == {"SECRET_KEY": "from=the vault", "DATA_KEYS": "of the folder", "SMS_TOKEN": "mine"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("raise SystemExit('sealed')", "told no secrets"),
        ("print('hunter2')", "printed a line that is no NAME=value"),
        ("print('LD_PRELOAD=/tmp/evil.so')", "printed a line that is no NAME=value"),
        ("print('PATH=/tmp')", "printed a line that is no NAME=value"),
    ],
)
def test_a_program_that_tells_none_starts_nothing_and_no_secret_is_shown(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    with pytest.raises(SystemExit):
        read_secrets({"SECRETS_COMMAND": program(tmp_path, text)}, tmp_path)
    said = capfd.readouterr().err
    assert words in said
    assert "hunter2" not in said


def test_a_program_that_is_not_there_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_secrets({"SECRETS_COMMAND": str(tmp_path / "nowhere")}, tmp_path)
    assert "told no secrets (FileNotFoundError)" in capfd.readouterr().err


@pytest.mark.programs
def test_the_settings_are_made_of_what_the_program_tells(tmp_path: Path) -> None:
    key = "a-key-from-a-vault-a-key-from-a-vault-00000"
    command = program(tmp_path, f"print('SECRET_KEY=of the vault\\nDATA_KEYS={key}')")
    shown = subprocess.run(
        [sys.executable, "-c", "import config.settings as s; print(s.SECRET_KEY, s.DATA_KEYS)"],
        env={"PATH": os.environ["PATH"], "SECRETS_COMMAND": command},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == f"of the vault ['{key}']\n"


def test_only_settings_we_have_can_be_told() -> None:
    listed = (ROOT / ".env.example").read_text()
    for name in ("SECRET_KEY", "DATA_KEYS", "DATABASE_URL", "REDIS_URL", "SMS_TOKEN", "WATCHDOG_SMS_TOKEN"):
        assert SECRETS.fullmatch(name)
        assert f"#{name}=" in listed

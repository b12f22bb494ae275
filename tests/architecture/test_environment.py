"""What a machine must be told, and what is installed on it."""

import re

from config.up import ROOT

SETTINGS = [ROOT / "config" / name for name in ("settings.py", "operator_settings.py")]
LISTED = set(re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_every_setting_is_listed_for_whoever_installs_it() -> None:
    text = "".join(place.read_text() for place in SETTINGS)
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text))
    assert read - LISTED == set()


def test_nothing_is_listed_that_nobody_reads() -> None:
    places = (*SETTINGS, ROOT / "docker-compose.yml")
    read = "".join(place.read_text() for place in places)
    assert [name for name in LISTED if name not in read] == []


def test_the_longer_lock_holds_every_line_of_the_shorter_one() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^(\S+==\S+)", (ROOT / name).read_text(), re.MULTILINE))

    assert pins("requirements.lock") <= pins("requirements-dev.lock")


def test_every_line_of_a_lock_has_a_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "bin/uv.lock"):
        entries = re.split(r"\n(?=\S+==)", (ROOT / name).read_text())
        assert [entry for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []

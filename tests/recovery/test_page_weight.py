"""What a first visit costs an old phone on a slow line: bytes and requests before the first paint."""

import gzip
import re
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.test import Client

from config.storage import joined
from recovery.phone.offline.service_worker import FILES
from tests.people import Cast
from tests.recovery.phone import user_of

STATIC = Path(__file__).resolve().parents[2] / "static"
KB = 1024
# The whole page, and what of it a browser needs to paint the first step.
WHOLE, FIRST_PAINT, STYLE, SCRIPTS = 22 * KB, 14 * KB, 9 * KB, 116 * KB
MOST_REQUESTS = 2


def weight(text: str) -> int:
    return len(gzip.compress(text.encode(), 6))


def style() -> str:
    """The phone's style sheet as it is served: whole."""
    storage = FileSystemStorage(location=str(STATIC))
    paths = {f"css/{place.name}": (storage, f"css/{place.name}") for place in (STATIC / "css").glob("*.css")}
    return joined((STATIC / "css" / "phone.css").read_text(), "css/phone.css", paths)


@pytest.fixture
def log_page(people: Cast, client: Client) -> str:
    client.force_login(user_of(people.patient))
    return client.get("/log/").content.decode()


def test_the_style_sheet_is_whole_and_light() -> None:
    assert "@import" not in style()
    assert "--brand" in style()
    assert weight(style()) <= STYLE


def test_the_first_paint_of_the_log_is_light_and_waits_for_one_file(log_page: str) -> None:
    first_step = log_page[: log_page.index('id="part-2"')]
    assert weight(first_step) + weight(style()) <= FIRST_PAINT
    assert weight(log_page) + weight(style()) <= WHOLE
    sheets = re.findall(r'<link rel="stylesheet"', log_page)
    assert 1 + len(sheets) <= MOST_REQUESTS
    scripts = re.findall(r"<script [^>]*>", log_page)
    assert [tag for tag in scripts if "module" not in tag and "defer" not in tag] == []


def test_what_a_phone_keeps_for_no_signal_does_not_grow_unnoticed() -> None:
    scripts = [(STATIC / name).read_text() for name in FILES if name.endswith(".js")]
    assert sum(map(weight, scripts)) <= SCRIPTS


def test_a_page_leaves_compressed_where_no_proxy_does_it(people: Cast, client: Client) -> None:
    client.force_login(user_of(people.patient))
    answer = client.get("/log/", headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert b"log-form" in gzip.decompress(answer.content)
    plain = client.get("/api/facts/", headers={"Accept-Encoding": "gzip"})
    assert not plain.has_header("Content-Encoding")

"""What a first visit costs an old phone on a slow line: bytes and requests before the first paint."""

import gzip
import re
import shutil
import subprocess
from pathlib import Path

import brotli
import pytest
from django.core.files.storage import FileSystemStorage
from django.test import Client

from config.compressed import MOST_RANDOM_LETTERS, QUALITY, padding, squeezed
from config.storage import joined, lean, lean_script
from patients.services.languages import keep_language
from recovery.phone.offline.service_worker import FILES
from tests.people import Cast
from tests.recovery.phone import user_of

TESTS = Path(__file__).resolve().parents[1]
STATIC = TESTS.parent / "static"
KB = 1024
# On the line, in brotli: page and style sheet together, the style sheet alone, what the phone keeps for no signal.
STYLE, SCRIPTS = 9 * KB, 81 * KB
# Spanish says the same in more letters.
FIRST_PAINT = {"en": 14 * KB, "es": 14 * KB + 450}
# A first paint takes two requests. Names of static files get 13 letters longer when they are collected.
SHEET = r'<link rel="stylesheet" href="([^"]+)"'
MOST_REQUESTS, LONGER_NAME = 2, 13
# By so much a compressor finds more or less in random tokens.
FEW_BYTES = 16


def weight(text: str) -> int:
    return len(gzip.compress(text.encode(), 6))


def heaviest(page: str) -> int:
    """Bytes of a page on the line, collected names and the longest of its random letters counted in.

    The tokens in it are random too, of one length: what a compressor finds in them is within a few bytes.
    """
    body = page.rpartition("<!-- ")[0].encode() + padding(MOST_RANDOM_LETTERS)
    names = LONGER_NAME * page.count('"/static/')
    return len(brotli.compress(body, mode=brotli.MODE_TEXT, quality=QUALITY)) + names + FEW_BYTES


def style(name: str = "phone") -> str:
    """A style sheet as it is served: whole and lean."""
    storage = FileSystemStorage(location=str(STATIC))
    paths = {f"css/{place.name}": (storage, f"css/{place.name}") for place in (STATIC / "css").glob("*.css")}
    return lean(joined((STATIC / "css" / f"{name}.css").read_text(), f"css/{name}.css", paths))


def test_the_style_sheets_of_the_phone_are_whole_and_light() -> None:
    assert "--brand" in style("phone")
    for name in ("phone", "phone_pages"):
        assert "@import" not in style(name)
        assert "/*" not in style(name)
    assert weight(style("phone")) + weight(style("phone_pages")) <= STYLE


def test_who_goes_from_today_to_the_log_loads_no_style_again(people: Cast, client: Client) -> None:
    client.force_login(user_of(people.patient))
    sheets = {path: set(re.findall(SHEET, client.get(path).content.decode())) for path in ("/today/", "/log/")}
    assert sheets["/log/"] < sheets["/today/"]


def test_a_lean_style_sheet_keeps_what_counts() -> None:
    written = '/* a */\n.a > b + *,\n.c :is(d, e) {\n  width: calc(1px + 2px);\n  content: "a;  b";\n}\n'
    assert lean(written) == '.a > b + *,.c :is(d,e){width:calc(1px + 2px);content:"a;  b"}'


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_first_paint_of_the_log_is_light_and_waits_for_one_file(
    people: Cast, client: Client, language: str
) -> None:
    """All of the page, not its first step alone: a browser that paints early still has to fetch the rest."""
    keep_language(user_of(people.patient), language)
    client.force_login(user_of(people.patient))
    answer = client.get("/log/", headers={"Accept-Encoding": "gzip, br"})
    assert answer["Content-Encoding"] == "br"
    assert int(answer["Content-Length"]) == len(answer.content)
    page = brotli.decompress(answer.content).decode()
    html, sheet = heaviest(page), len(brotli.compress(style().encode()))
    print(f"first paint of /log/ ({language}): {html + sheet} of {FIRST_PAINT[language]} bytes, sheet {sheet}")
    assert html + sheet <= FIRST_PAINT[language]
    sheets = re.findall(r'<link rel="stylesheet"', page)
    assert 1 + len(sheets) <= MOST_REQUESTS
    scripts = re.findall(r"<script [^>]*>", page)
    assert [tag for tag in scripts if "module" not in tag and "defer" not in tag] == []


def test_what_a_phone_keeps_for_no_signal_does_not_grow_unnoticed() -> None:
    """In brotli, as collected files are served."""
    served = [lean_script((STATIC / name).read_text()) for name in FILES if name.endswith(".js")]
    all_of_it = sum(len(brotli.compress(script.encode())) for script in served)
    print(f"scripts for no signal: {all_of_it} of {SCRIPTS} bytes in {len(served)} files")
    assert all_of_it <= SCRIPTS


@pytest.mark.programs
@pytest.mark.skipif(not shutil.which("node"), reason="no Node")
def test_a_lean_script_does_what_its_source_does(tmp_path: Path) -> None:
    """The tests of the scripts, over the scripts as they are served."""
    (tmp_path / "static" / "js").mkdir(parents=True)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    for script in (STATIC / "js").glob("*.js"):
        (tmp_path / "static" / "js" / script.name).write_text(lean_script(script.read_text()))
    shutil.copytree(TESTS / "js", tmp_path / "tests" / "js")
    tests = sorted(str(place) for place in (tmp_path / "tests" / "js").glob("*.test.mjs"))
    ran = subprocess.run(["node", "--test", *tests], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert ran.returncode == 0, ran.stdout
    assert "# pass 0" not in ran.stdout


def test_a_page_leaves_compressed_where_no_proxy_does_it(people: Cast, client: Client) -> None:
    client.force_login(user_of(people.patient))
    answer = client.get("/log/", headers={"Accept-Encoding": "gzip, br;q=0"})
    assert answer["Content-Encoding"] == "gzip"
    assert b"log-form" in gzip.decompress(answer.content)
    plain = client.get("/api/facts/", headers={"Accept-Encoding": "gzip"})
    assert not plain.has_header("Content-Encoding")
    bare = client.get("/log/")
    assert not bare.has_header("Content-Encoding")
    assert int(bare["Content-Length"]) == len(bare.content)


def test_the_length_of_a_page_tells_nothing(people: Cast, client: Client) -> None:
    client.force_login(user_of(people.patient))
    lengths = {len(client.get("/help/", headers={"Accept-Encoding": "br"}).content) for _ in range(6)}
    assert len(lengths) > 1


def test_a_page_loses_its_indentation_and_nothing_else() -> None:
    page = b'<p\n   class="c\n  d\n" title="a\n   b"  >one\n\n   two</p>\n  <textarea>\n  mine\n</textarea>'
    assert squeezed(page) == b'<p class="c d" title="a\n   b">one two</p> <textarea>\n  mine\n</textarea>'

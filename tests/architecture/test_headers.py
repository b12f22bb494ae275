"""What every answer tells a browser, and what no line of ours does: the controls that docs/asvs.md names."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from config.plain_http import FOR_PROGRAMS, USE_HTTPS
from ops.up import ROOT
from tests.architecture.product_code import nodes_of, text_of, tree_of
from tests.patients import pages

PRODUCTION = ("config", "ops", "patients", "alerts", "recovery")
PAGES = ("/accounts/login/", "/health/", "/no-such-page/", "/api/logs/")
# Runs for tests, demos and tools alone, or rolls dice that nobody has to guess.
DICE = {
    "simulator/faults.py",
    "alerts/failpoints.py",
    "recovery/triage/reach.py",
    "recovery/management/demo_courses.py",
}
# Every value in it is escaped by then, or is a file of ours; the provider's own signature is HMAC-SHA1.
MARKED_SAFE = {
    "patients/sign_in/cards.py",
    "patients/templatetags/sheets.py",
    "recovery/desk/rule_book/rule_book_page.py",
}
SHA1 = {"alerts/messaging/channels/twilio.py", "simulator/callbacks.py"}


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_every_answer_says_what_a_browser_may_do(path: str) -> None:
    answer = Client().get(path, headers={"Origin": "https://evil.example"})
    policy = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
    closed = {"default-src": "'none'", "base-uri": "'none'", "frame-ancestors": "'none'"}
    assert closed.items() <= policy.items()
    assert (policy["script-src"], policy["style-src"], policy["form-action"]) == ("'self'",) * 3
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.django_db
def test_a_page_says_its_letters_and_is_not_kept() -> None:
    answer = Client().get("/accounts/login/")
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]


def settings_of(**environment: str) -> dict[str, Any]:
    """The settings as a process of that environment reads them."""
    code = "import json; from config import settings as s\n"
    code += "print(json.dumps({name: getattr(s, name) for name in dir(s)}, default=str))"
    known = {"DEMO": "0", "HTTPS": "1", "SECRET_KEY": "k" * 60, "BASE_URL": "https://recovery.example.org"}
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **known, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def test_where_patients_are_real_browsers_keep_to_tls_and_cookies_to_us() -> None:
    found = settings_of()
    assert found["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600
    for name in ("SECURE_SSL_REDIRECT", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SESSION_COOKIE_SECURE"):
        assert found[name] is True
    assert found["CSRF_COOKIE_SECURE"] is found["SESSION_COOKIE_HTTPONLY"] is found["CSRF_COOKIE_HTTPONLY"] is True
    assert found["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert (found["DEBUG"], found["DEMO"], found["STAFF_SECOND_FACTOR"]) == (False, False, True)


def test_passwords_are_long_not_common_and_of_any_letters() -> None:
    found = settings_of()
    rules = {
        rule["NAME"].rsplit(".", 1)[-1]: rule.get("OPTIONS", {}) for rule in found["AUTH_PASSWORD_VALIDATORS"]
    }
    assert rules["MinimumLengthValidator"]["min_length"] >= 12
    assert not [name for name in rules if re.search("Numeric|Upper|Symbol|Composition", name)]
    assert any(re.search("Common|Guess|Weak|Strength|Soon|Breach", name) for name in rules)


@pytest.mark.django_db
def test_a_password_is_masked_and_may_be_pasted_and_kept_by_the_browser() -> None:
    page = pages.text(Client().get("/accounts/login/password/"))
    if 'type="password"' not in page:
        page = pages.text(Client().get("/accounts/login/"))
    (field,) = re.findall(r"<input[^>]*type=\"password\"[^>]*>", page)
    assert 'autocomplete="current-password"' in field
    assert not re.search(r"onpaste|maxlength=\"[1-9]?[0-9]\"", field)


def _sources() -> Iterator[tuple[str, str]]:
    for folder in PRODUCTION:
        for place in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in place.parts:
                yield str(place.relative_to(ROOT)), text_of(place)


def _calls(text: str) -> Iterator[tuple[str, ast.Call]]:
    for node in nodes_of(text):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def _imports(text: str) -> set[str]:
    found: set[str] = set()
    for node in nodes_of(text):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_no_words_are_run_unpickled_or_given_to_a_shell() -> None:
    bad = {"eval", "exec", "os.system", "os.popen", "yaml.load", "pickle.loads", "marshal.loads"}
    found = [
        (file, name)
        for file, text in _sources()
        for name, call in _calls(text)
        if (name in bad and not _is_our_own(file)) or any(_asks_for_a_shell(one) for one in call.keywords)
    ]
    assert found == []
    readers = ("pickle", "shelve", "marshal", "xml.etree", "xml.dom", "xml.sax.handler", "lxml", "ldap", "jinja2")
    assert [(file, name) for file, text in _sources() for name in _imports(text) if name.startswith(readers)] == []


def _asks_for_a_shell(keyword: ast.keyword) -> bool:
    return keyword.arg == "shell" and ast.unparse(keyword.value) != "False"


def _is_our_own(file: str) -> bool:
    """The rule book is turned into Python by us, from files of ours alone."""
    return file.startswith("recovery/triage/")


def test_what_is_not_to_be_guessed_comes_from_the_system() -> None:
    assert {file for file, text in _sources() if "random" in _imports(text)} <= DICE


def _saying(pattern: str, *words: str) -> set[str]:
    """The files whose code says this, however it is laid out: they have one of the words; a comment is no code."""
    told = {file: text for file, text in _sources() if any(word in text for word in words)}
    return {file for file, text in told.items() if re.search(pattern, ast.unparse(tree_of(text)))}


def test_weak_hashes_are_used_only_where_a_provider_asks_for_one() -> None:
    assert _saying(r"hashlib\.(?:md5|sha1)|MODE_ECB|modes\.ECB", "md5", "sha1", "ECB") <= SHA1


def test_only_what_is_escaped_by_then_is_called_safe() -> None:
    assert _saying(r"mark_safe\(", "mark_safe") <= MARKED_SAFE


def test_no_script_runs_words_or_sends_to_another_origin() -> None:
    scripts = {place.name: place.read_text() for place in (ROOT / "static" / "js").glob("*.js")}
    assert len(scripts) > 30
    bad = re.compile(
        r"\beval\(|new Function|document\.write|insertAdjacentHTML|WebSocket|importScripts\([^)]*http|jsonp"
    )
    assert [name for name, text in scripts.items() if bad.search(text)] == []
    # Markup of our own pages, put back as it was: never words of a person.
    assert {name for name, text in scripts.items() if re.search(r"\.innerHTML\s*=[^=]", text)} <= {
        "who_was_told.js",
        "kept_pages.js",
    }


def _templates() -> Iterator[Path]:
    yield from (ROOT / "templates").rglob("*.html")


def test_no_page_runs_or_loads_anything_from_elsewhere() -> None:
    found = {
        str(place.relative_to(ROOT)): words
        for place in _templates()
        if (
            words := re.findall(
                r"<script(?![^>]*src=)[^>]*>(?!\s*</script>)|\bon\w+=\"|(?:src|action)=\"https?:",
                place.read_text(),
            )
        )
    }
    data = {name: words for name, words in found.items() if any("application/json" not in word for word in words)}
    assert data == {}
    assert [place for place in _templates() if "autoescape off" in place.read_text()] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/api/logs/", "/api/sealed-logs/", "/hooks/sms/reply/", "/events/board/", "/metrics"]
)
def test_a_program_that_sends_in_the_clear_is_refused_and_never_led_on(path: str, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().post(path, "{}", content_type="application/json")
    assert answer.status_code == 403
    assert answer.json()["title"] == USE_HTTPS
    page = Client().get("/accounts/login/")
    assert (page.status_code, page["Location"]) == (301, "https://testserver/accounts/login/")


def test_caddy_refuses_the_same_programs_and_leads_the_rest_to_tls() -> None:
    text = (ROOT / "Caddyfile").read_text(encoding="utf-8")
    (block,) = re.findall(r"^http://\{\$DOMAIN\} \{\n(.*?)^\}", text, re.DOTALL | re.MULTILINE)
    (paths,) = re.findall(r"@programs path (.*)", block)
    assert {path.removesuffix("*") for path in paths.split()} == set(FOR_PROGRAMS)
    assert re.search(r"handle @programs \{\s+respond .* 403\s+\}\s+handle \{\s+redir https://", block)

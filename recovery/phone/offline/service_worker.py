"""GET /sw.js: the service worker, with the list of files it keeps for use without signal."""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import condition, require_safe

from patients import phone_sheets
from patients.values.languages import CODES, ENGLISH
from recovery.triage.rulebook import load_rulebook

# All files the kept pages load; a test compares this list with the pages.
FILES = (
    "css/phone_pages.css",
    "css/phone.css",
    "css/tokens.css",
    "css/reveal.css",
    "icons/icon.svg",
    "icons/apple-touch-icon.png",
    "manifest.webmanifest",
    "js/log.js",
    "js/log_steps.js",
    "js/read_aloud.js",
    "js/patient_page.js",
    "js/advice.js",
    "js/answers.js",
    "js/body_picture.js",
    "js/bytes.js",
    "js/log_numbers.js",
    "js/phone_key.js",
    "js/device_name.js",
    "js/db.js",
    "js/draft.js",
    "js/emergency.js",
    "js/storage_formats.js",
    "js/identity.js",
    "js/person_store.js",
    "js/person_keys.js",
    "js/letter_count.js",
    "js/note_question.js",
    "js/offline.js",
    "js/own_facts.js",
    "js/page_data.js",
    "js/kept_pages.js",
    "js/kept_log.js",
    "js/form_errors.js",
    "js/questions.js",
    "js/resend_after_restore.js",
    "js/rulebook.js",
    "js/seal_log.js",
    "js/send_sealed_logs.js",
    "js/step_seconds.js",
    "js/store.js",
    "js/exclusive_answers.js",
    "js/tell_clinic.js",
    "js/tiers.js",
    "js/triage.js",
    "js/triage_facts.js",
    "js/free_text.js",
    "js/tylenol.js",
    "js/typed_text.js",
    "js/unsent_mark.js",
    "js/phone_verdict.js",
    "js/shown_verdicts.js",
    "js/words.js",
)
# The words of another language, for those who read it.
FILES_OF = {code: (f"js/words_{code}.js",) for code in CODES if code != ENGLISH}
SOURCE = "js/sw.js"
SENDER = "js/send_sealed_logs.js"


def _tag(request: HttpRequest) -> str:
    """Return what the answer is known by; weak, because it may leave compressed."""
    return f'W/"{version(get_language() or ENGLISH)}{"plain" if "plain" in request.GET else ""}"'


@require_safe
@condition(etag_func=_tag)
def worker(request: HttpRequest) -> HttpResponse:
    """Serve the service worker; browsers ask for it at every visit, so a new version takes effect at once.

    ?plain: without imports, for browsers whose service workers do not support modules.
    """
    language = get_language() or ENGLISH
    files = [staticfiles_storage.url(name) for name in _files(language)]
    known = json.dumps({"version": version(language), "files": files})
    sender = "const sendSealed = null;"
    if "plain" not in request.GET:
        sender = f'import {{ sendSealed }} from "{staticfiles_storage.url(SENDER)}";'
    text = f"{sender}\nconst KNOWN = {known};\n{_source()}"
    response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["Service-Worker-Allowed"] = "/"
    phone_sheets.remember(response)
    return response


def _files(language: str) -> tuple[str, ...]:
    return (*FILES, *FILES_OF.get(language, ()))


@cache
def version(language: str = ENGLISH) -> str:
    """Return a hash that changes with any file the service worker keeps, with the rule book and the language."""
    digest = hashlib.sha256(load_rulebook().hash.encode())
    for name in (SOURCE, *_files(language)):
        digest.update(staticfiles_storage.url(name).encode() + _bytes(name))
    return digest.hexdigest()[:16]


@cache
def _source() -> str:
    return _bytes(SOURCE).decode()


def _bytes(name: str) -> bytes:
    """Return the bytes of a static file, from the collected files or else from its source folder."""
    if staticfiles_storage.exists(name):
        with staticfiles_storage.open(name) as file:
            return bytes(file.read())
    found = finders.find(name)
    return Path(found).read_bytes() if found else b""

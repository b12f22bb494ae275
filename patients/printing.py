"""Makes PDF files of sheets to hand over. WeasyPrint draws them with Pango, which a bare machine may lack.

The library is loaded at the first file only: it costs a process half a second and some memory.
"""

import importlib
from ctypes import CDLL
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

PANGO = "libpango-1.0.so.0"
TITLE = "This machine makes no PDF files yet"
INSTEAD = (
    "Go back and print the page itself (Ctrl+P): it is the same sheet. For PDF files, whoever runs the system"
    " installs Pango. On Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
    " fonts-dejavu-core."
)


@cache
def can_print() -> bool:
    """Return whether this machine has Pango."""
    try:
        CDLL(PANGO)
    except OSError:
        return False
    return True


def pdf_of(body: str, language: str) -> bytes:
    """Return HTML as a PDF on Letter paper, in large type; nothing is fetched. Raises OSError without Pango."""
    style = (settings.BASE_DIR / "static" / "css" / "handed_over.css").read_text(encoding="utf-8")
    weasyprint = importlib.import_module("weasyprint")
    nothing = importlib.import_module("weasyprint.urls").URLFetcher(allowed_protocols=())
    page = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><style>{style}</style><body>{body}</html>'
    )
    made: bytes = weasyprint.HTML(string=page, url_fetcher=nothing).write_pdf()
    return made


def pdf_answer(request: HttpRequest, template: str, page: dict[str, Any], *, name: str) -> HttpResponse:
    """Return the template as a PDF in page["language"], or a page that says what to do where Pango is missing."""
    try:
        if not can_print():
            raise OSError(PANGO)
        file = pdf_of(render_to_string(template, page, request), page["language"])
    except OSError:
        return render(request, "error.html", {"title": TITLE, "text": INSTEAD}, status=501)
    answer = HttpResponse(file, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer

"""GET /metrics: what an operator's monitoring reads, in Prometheus' text format. No names, no health data.

Everything is asked of the database at the moment of the scrape, so every process gives the same answer; nothing is
counted per process. Open to whoever shows METRICS_TOKEN; without one set, to this machine alone.
"""

import hmac
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from alerts.clock import db_now
from patients.front import front_refused
from recovery.measures import measures

# Empty: by a socket that only our own front may open.
LOOPBACK = {"127.0.0.1", "::1", ""}
REFUSED = "Requests the front has refused since it began, before a page heard of them"
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """404 for whoever may not: they learn nothing. 503 when the database does not answer."""
    if not _may_read(request):
        raise Http404
    registry = CollectorRegistry()
    try:
        found = measures(db_now())
    except DatabaseError:
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
    for measure in found:
        gauge = Gauge(measure.name, measure.words, measure.labels, registry=registry)
        for values, number in measure.samples:
            (gauge.labels(*values) if values else gauge).set(number)
    gauge = Gauge("kypho_front_refused", REFUSED, ("status",), registry=registry)
    for status, number in front_refused(request).items():
        gauge.labels(status).set(number)
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST, headers=headers)


def _may_read(request: HttpRequest) -> bool:
    """The token, compared in constant time; or, where none is set, a call from this machine to this machine.

    Every proxy on the way must have been one of ours, by its address, and the host asked for must be local too.
    """
    if settings.METRICS_TOKEN:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(shown.encode(), settings.METRICS_TOKEN.encode())
    passed = request.headers.get("X-Forwarded-For", "").split(",")
    places = {request.META.get("REMOTE_ADDR", ""), *(place.strip() for place in passed)}
    return places <= LOOPBACK and urlsplit(f"//{request.get_host()}").hostname in LOCAL_NAMES

"""GET /metrics for the operator's monitoring, in Prometheus' text format. No names, no health data.

Each scrape reads all figures from the database, so every process gives the same answer; nothing is counted per
process. A caller needs METRICS_TOKEN; when none is set, only this machine may read.
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

# The empty address: a UNIX socket that only our own front may open.
LOOPBACK = {"127.0.0.1", "::1", ""}
REFUSED = "Requests the front has refused since it began, before a page heard of them"
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with the figures; 404 for a caller without permission, 503 when the database does not answer."""
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
    """Return whether the token is right (compared in constant time); without a token, whether the call is local.

    A call is local when all addresses on its way are loopback addresses and the requested host is local too.
    """
    if settings.METRICS_TOKEN:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(shown.encode(), settings.METRICS_TOKEN.encode())
    passed = request.headers.get("X-Forwarded-For", "").split(",")
    places = {request.META.get("REMOTE_ADDR", ""), *(place.strip() for place in passed)}
    return places <= LOOPBACK and urlsplit(f"//{request.get_host()}").hostname in LOCAL_NAMES

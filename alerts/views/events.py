"""GET /events/board/: the stream that tells a clinic's screens to look again. Served by the ASGI process."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, StreamingHttpResponse

from alerts.stream import changes
from patients.models import User
from patients.scoping import staff_of


async def events(request: HttpRequest) -> HttpResponseBase:
    """Only active staff, only their own clinic. No row is read, and no connection held, once the stream runs.

    A process that serves pages (WSGI) would gather the whole stream before it sends any, and hold a thread and a
    database connection for as long, with the browser long gone: it says that it is the wrong place.
    """
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    clinic_id = await sync_to_async(_clinic_of)(request)
    if clinic_id is None:
        return HttpResponse(status=401)
    if not isinstance(request, ASGIRequest):
        return HttpResponse(status=421)
    response = StreamingHttpResponse(_without_database(clinic_id), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


events.access = ("staff", ())  # type: ignore[attr-defined]


def _clinic_of(request: HttpRequest) -> int | None:
    """The clinic whose board this person may watch."""
    if not isinstance(request.user, User):
        return None
    staff = staff_of(request.user)
    return staff.clinic_id if staff else None


async def _without_database(clinic_id: int) -> AsyncGenerator[bytes]:
    """First give back the connections that sign-in and middleware used; then stream."""
    await sync_to_async(connections.close_all)()
    async with aclosing(changes(clinic_id)) as stream:
        async for text in stream:
            yield text

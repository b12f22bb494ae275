"""GET /events/board/: the stream that tells a clinic's screens to look again. Served by the ASGI process."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, StreamingHttpResponse

from alerts.screens.stream import changes
from patients.permissions import Permission, may
from patients.services.sessions import person_of
from patients.sign_in.proofs import staff_now


async def events(request: HttpRequest) -> HttpResponseBase:
    """Stream the changes of a clinic's board to its active staff; 401 for all others.

    A running stream holds no database connection. It checks its session every few seconds, so an ended session
    hears nothing more.

    A WSGI process would collect the whole stream before it sends any of it, and would hold a thread and a database
    connection even after the browser has gone. It answers 421 instead.
    """
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    staff = await sync_to_async(staff_now)(request)
    if staff is None or not may(staff, Permission.SEE_WORKLIST):
        return HttpResponse(status=401)
    if not isinstance(request, ASGIRequest):
        return HttpResponse(status=421)
    stream = _without_database(staff.clinic_id, str(request.session.session_key))
    response = StreamingHttpResponse(stream, content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


events.access = Permission.SEE_WORKLIST  # type: ignore[attr-defined]


async def _without_database(clinic_id: int, session_key: str) -> AsyncGenerator[bytes]:
    """Close the database connections that sign-in and middleware used, then stream while the session counts."""
    await sync_to_async(connections.close_all)()

    async def still() -> bool:
        return await sync_to_async(_may_watch)(session_key, clinic_id)

    async with aclosing(changes(clinic_id, still)) as stream:
        async for text in stream:
            yield text


def _may_watch(session_key: str, clinic_id: int) -> bool:
    """Does this session still belong to staff of the clinic? True when the database is away, so streams go on."""
    try:
        found = person_of(session_key)
        return bool(found and found[1].staff and found[1].staff.clinic_id == clinic_id)
    except (OperationalError, InterfaceError):
        return True
    finally:
        connections.close_all()

"""/desk/webhooks/: the webhooks of a clinic's own systems, for its managers."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from alerts.clock import db_now
from alerts.forms import EndpointForm
from alerts.messaging import endpoints as service
from alerts.messaging.contact_methods import TEST_AGAIN
from alerts.messaging.delivery_list import in_plain_words
from alerts.models import Delivery, WebhookEndpoint
from alerts.models.refusals import AlertError
from patients.access import StaffRequest, needs
from patients.models import Staff
from patients.permissions import Permission
from patients.scoping import rows_of
from patients.values.row_numbers import row_number

# The session's key for a new secret, until one page has shown it.
FRESH = "fresh_webhook_secret"
TEST_WORDS = {
    "pending": "waiting to be sent",
    "claimed": "being sent",
    "sent": "sent",
    "delivered": "taken by your system",
    "dead": "failed",
    "cancelled": "not sent",
}


@require_http_methods(["GET", "POST"])
@needs(Permission.SET_WEBHOOKS)
def webhooks(request: StaffRequest) -> HttpResponse:
    """Show the webhooks and run the action of a button. An error changes nothing and keeps the typed text."""
    page: dict[str, Any] = {"form": EndpointForm()}
    if request.method == "POST":
        action = ACTIONS.get(request.POST.get("action", ""))
        try:
            done = action(request, page) if action else "That is not possible. Look at the page and try again."
        except AlertError as error:
            page["problem"], done = error.text, None
        if done:
            messages.success(request, done) if action else messages.error(request, done)
            return redirect("alerts:webhooks")
    page |= {"rows": _rows(request.staff), "fresh": request.session.pop(FRESH, None), "now": timezone.now()}
    page["off_reason"] = request.POST.get("reason", "")[:200]
    return render(request, "alerts/webhooks.html", page, status=422 if request.method == "POST" else 200)


def _rows(staff: Staff) -> list[dict[str, Any]]:
    """The clinic's webhooks, active ones first, each with the result of its last test."""
    found = list(
        rows_of(WebhookEndpoint, clinic=staff.clinic_id)
        .select_related("created_by__user", "disabled_by__user")
        .order_by("disabled_at", "pk")
    )
    tests = rows_of(Delivery, clinic=staff.clinic_id).filter(key__startswith="webhook-test:").order_by("pk")
    newest = {row.recipient: row for row in tests}
    rows = []
    for row in found:
        test = newest.get(f"webhook:{row.pk}")
        words = TEST_WORDS[test.state] + (f". {in_plain_words(test.error)}" if test.error else "") if test else ""
        rows.append({"row": row, "test": test, "test_words": words})
    # PostgreSQL sorts an empty disabled_at last, but active webhooks come first.
    return sorted(rows, key=lambda item: bool(item["row"].disabled_at))


# --- The actions of the buttons: each returns words for what it did, or None when the page must show an error ---


def _add(request: StaffRequest, page: dict[str, Any]) -> str | None:
    page["form"] = form = EndpointForm(request.POST)
    if not form.is_valid():
        return None
    try:
        row = service.add_endpoint(staff=request.staff, now=db_now(), **form.cleaned_data)
    except AlertError as error:
        form.add_error("url", error.text)
        return None
    _show_once(request, row)
    return f"{row.description} is told from now on. Copy its secret now: it is shown this once."


def _rotate(request: StaffRequest, page: dict[str, Any]) -> str | None:
    row = service.rotate_secret(staff=request.staff, pk=_pk(request), now=db_now())
    _show_once(request, row)
    return f"{row.description} has a new secret. The one before counts for 24 more hours."


def _off(request: StaffRequest, page: dict[str, Any]) -> str | None:
    page["off_pk"] = _pk(request)
    reason = request.POST.get("reason", "")
    if not reason.strip():
        page["off_problem"] = service.SAY_WHY
        return None
    row = service.turn_off(staff=request.staff, pk=_pk(request), reason=reason, now=db_now())
    return f"{row.description} is turned off."


def _on(request: StaffRequest, page: dict[str, Any]) -> str | None:
    row = service.turn_on(staff=request.staff, pk=_pk(request), now=db_now())
    return f"{row.description} is told again, about what happens from now on."


def _test(request: StaffRequest, page: dict[str, Any]) -> str | None:
    new = service.send_test(staff=request.staff, pk=_pk(request), now=db_now())
    return "A test is on its way. Look again in a moment." if new else TEST_AGAIN


ACTIONS: dict[str, Callable[[StaffRequest, dict[str, Any]], str | None]] = {
    "add": _add,
    "rotate": _rotate,
    "off": _off,
    "on": _on,
    "test": _test,
}


def _show_once(request: StaffRequest, row: WebhookEndpoint) -> None:
    request.session[FRESH] = {"pk": row.pk, "description": row.description, "secret": row.secret}


def _pk(request: StaffRequest) -> int:
    return row_number(request.POST.get("webhook", "")) or 0

"""GET /calendar/<secret>.ics: plan and visits for a calendar app, which knows the secret and has no session."""

import hashlib
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from patients import scoping
from patients.models import CalendarFeed, Caregiver, Patient, Procedure
from patients.permissions import Permission, may
from patients.selectors.languages import language_of
from patients.services.calendars import feed_at, note_read
from patients.sign_in import limits
from patients.wall.scope import also
from recovery.care_plan.calendar_entries import VISIT, entries
from recovery.models import CalendarEntry
from recovery.phone.ics import IcsEntry, calendar
from recovery.plan.book import default_book
from recovery.selectors.today import open_procedure

TYPE = "text/calendar; charset=utf-8"
WAIT_SECONDS = 600
VISIT_LASTS, STEP_LASTS = timedelta(hours=1), timedelta(minutes=15)


@require_safe
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Answer with the calendar; 404 for an unknown or ended address, 304 when nothing changed, 429 too often."""
    feed = feed_at(secret)
    key = ("calendar", str(feed.pk)) if feed else ("calendar_guess", limits.network(request))
    if not limits.may(request, *key):
        return _plain("Too often. Ask again in ten minutes.", 429, {"Retry-After": str(WAIT_SECONDS)})
    if feed is None:
        return _plain("There is no calendar at this address.", 404)
    # From here on the database works for the person whose calendar it is, and shows what they reach now.
    with also(user=feed.user_id):
        body = _body(feed)
    if body is None:
        return _plain("There is no calendar at this address.", 404)
    etag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    answer = HttpResponse(body, content_type=TYPE, headers={"ETag": etag, "Cache-Control": "private, no-cache"})
    answer["Content-Disposition"] = 'inline; filename="plan.ics"'
    return get_conditional_response(request, etag=etag, response=answer) or answer


def _plain(words: str, status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    answer = HttpResponse(words, status=status, content_type="text/plain; charset=utf-8", headers=headers or {})
    answer["Cache-Control"] = "no-store"
    return answer


def _body(feed: CalendarFeed) -> bytes | None:
    """Return the calendar; None when its person may not see the plan of this patient any more."""
    now = timezone.now()
    patient = scoping.for_user(feed.user, now).select_related("clinic").filter(pk=feed.patient_id).first()
    if patient is None:
        return None
    helper = None
    if patient.user_id != feed.user_id:
        helper = scoping.helping(feed.user, now).filter(patient=patient).first()
    person: Patient | Caregiver = helper or patient
    if not may(person, Permission.SEE_PLAN):
        return None
    feed.patient = patient
    note_read(feed, now)
    procedure = open_procedure(patient)
    link = f"{settings.BASE_URL}{reverse('recovery:plan')}"
    with override(language_of(feed.user)):
        shown = [_shown(feed, procedure, row) for row in entries(procedure, now)] if procedure else []
        return calendar(_("Reminders"), patient.timezone, link, shown)


def _shown(feed: CalendarFeed, procedure: Procedure, row: CalendarEntry) -> IcsEntry:
    """Return an entry in words. Without the person's wish no word says what it is about."""
    is_visit = row.key.startswith(VISIT)
    title, place = (_("Appointment") if is_visit else _("Please open the app")), ""
    if feed.in_words and is_visit:
        with_whom = procedure.next_visit_with
        title = _("Visit: %(name)s") % {"name": with_whom} if with_whom else _("Visit")
        place = procedure.patient.clinic.name
    elif feed.in_words:
        title = _("Look at your plan: %(step)s") % {"step": default_book().entry(row.key).title}
    return IcsEntry(
        uid=f"{row.code}@plan",
        starts_at=row.starts_at,
        lasts=VISIT_LASTS if is_visit else STEP_LASTS,
        title=title,
        text=_("Open the app first. It says what counts for you today."),
        place=place,
        sequence=row.sequence,
        changed_at=row.changed_at,
        cancelled=row.cancelled_at is not None,
        busy=is_visit,
    )

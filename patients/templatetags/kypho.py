"""Template tags and filters for tiers, times and phone numbers, so that these look the same on every page."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.tz import do_timezone
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from patients.models import Staff
from patients.permissions import Permission, may, who_asks
from patients.reaching.letters import in_trouble as way_in_trouble
from patients.sign_in.own_number import asks_number
from patients.sign_in.phone_secrets import person_mark
from patients.tiers import CALL_911, CALL_DOCTOR_NOW, ON_TRACK, SHORT_LABELS, WATCH
from patients.trouble import report

register = template.Library()
register.filter("person_mark", person_mark)

# The words, colour (desk.css and phone.css: .tier-<class>) and icon of each tier; no other place defines them.
TIERS = {
    CALL_911: (SHORT_LABELS[CALL_911], "tier-911", "siren"),
    CALL_DOCTOR_NOW: (SHORT_LABELS[CALL_DOCTOR_NOW], "tier-doctor", "phone"),
    WATCH: (SHORT_LABELS[WATCH], "tier-watch", "eye"),
    ON_TRACK: (SHORT_LABELS[ON_TRACK], "tier-track", "leaf"),
    # Marks of a log (recovery.wording.log_words) for when its tier alone would say too little.
    "er_now": (gettext_noop("Go to the ER now"), "tier-doctor", "siren"),
    "unread": (gettext_noop("Note not read yet"), "tier-none", "eye"),
    "words": (gettext_noop("Answers on track"), "tier-none", "eye"),
    # Marks of a patient whose last log says nothing about how they are now.
    "hospital": (gettext_noop("In hospital"), "tier-none", "hospital"),
    "not_judged": (gettext_noop("Not judged yet"), "tier-none", "clock"),
}
TONES = {"tier-911": "e911", "tier-doctor": "now", "tier-watch": "watch", "tier-track": "ok"}
HUES = 4  # phone.css: .hue-0 to .hue-3
UNKNOWN_TIER = (gettext_noop("No log yet"), "tier-none", "clock")


@register.filter("may")
def may_do(who: HttpRequest | Staff, name: str) -> bool:
    """Return whether staff, or the sender of a request, have the permission of this name; False if unknown."""
    permission = Permission[name]
    person = who if isinstance(who, Staff) else who_asks(who)
    return person is not None and may(person, permission)


@register.filter
def tier_label(tier: str) -> str:
    """Return the tier in words: Call 911, Call doctor now, Watch, On track."""
    return TIERS.get(tier, UNKNOWN_TIER)[0]


@register.filter
def tier_class(tier: str) -> str:
    """Return the CSS class with the tier's colours."""
    return TIERS.get(tier, UNKNOWN_TIER)[1]


@register.filter
def tone(tier: str) -> str:
    """The colour of a tier on the phone's pages (phone.css): e911, now, watch, ok or plain."""
    return TONES.get(tier_class(tier), "plain")


@register.filter
def monogram(person: Any) -> str:
    """Two letters beside a name: first and last name of a patient."""
    return f"{person.first_name[:1]}{person.last_name[:1]}".upper()


@register.filter
def hue(person: Any, people: Sequence[Any]) -> int:
    """The number of the colour behind a monogram: not that of another person on this phone, up to four."""
    codes = sorted(str(one.code) for one in people)
    return codes.index(str(person.code)) % HUES if str(person.code) in codes else 0


@register.filter
def tier_icon(tier: str) -> str:
    """Return the name of the tier's icon in components/icon.html."""
    return TIERS.get(tier, UNKNOWN_TIER)[2]


@register.inclusion_tag("components/tier.html")
def tier(value: str) -> dict[str, str]:
    """Show a tier as colour, icon and word together, never colour alone."""
    label, css, icon = TIERS.get(value, UNKNOWN_TIER)
    return {"label": label, "css": css, "icon": icon}


@register.inclusion_tag("components/icon.html")
def icon(name: str, css: str = "") -> dict[str, str]:
    """Show a small icon beside words; it is only decoration and hidden from screen readers."""
    return {"name": name, "css": css}


@register.simple_tag(takes_context=True)
def part(context: template.RequestContext, name: str, title: str) -> str:
    """Render a part of a page by its template; if it fails, report it and show a note with its title."""
    assert context.template
    engine = context.template.engine
    try:
        with context.push():
            return engine.get_template(name).render(context)
    except Exception as error:
        report(f"request {getattr(context.get('request'), 'request_id', '')}", title, error)
        return render_to_string("components/missing.html", {"missing": [title]})


@register.filter
def in_zone(at: datetime | None, zone: str) -> Any:
    """Return the time in an IANA zone; pipe it into clock, day or day_and_clock."""
    return do_timezone(at, ZoneInfo(zone)) if at else None


@register.filter
def clock(at: datetime | None) -> str:
    """Return a time such as 10:09 AM; empty for None."""
    # Translators: a clock time, by Django's format of dates
    return date_format(at, _("g:i A")) if at else ""


@register.filter
def day(at: datetime | None) -> str:
    """Return a date such as Sat Nov 21; empty for None."""
    # Translators: a day, by Django's format of dates
    return date_format(at, _("D M j")) if at else ""


@register.filter
def last_day(end: datetime | None) -> str:
    """Return the last whole day before an end that is stored as the midnight after it; empty for None."""
    return day(end - timedelta(seconds=1)) if end else ""


@register.filter
def day_and_clock(at: datetime | None) -> str:
    """Return a date and time such as Sat Nov 21, 10:09 AM; empty for None."""
    return f"{day(at)}, {clock(at)}" if at else ""


@register.filter
def day_or_hour(at: datetime | None, now: datetime) -> str:
    """Return the hour for today and tomorrow (3:07 PM today, 8:00 AM tomorrow), else the day (Mon Nov 30)."""
    if not at:
        return ""
    days = (at.date() - now.astimezone(at.tzinfo).date()).days
    near = {0: _("%(clock)s today"), 1: _("%(clock)s tomorrow")}.get(days)
    return near % {"clock": clock(at)} if near else day(at)


@register.filter
def near(at: datetime | None, now: datetime) -> str:
    """Return words such as "yesterday at 8:10 PM", "tomorrow at 4:05 AM" or "Mon Nov 30 at 4:05 AM"."""
    if not at:
        return ""
    days = (at.date() - now.astimezone(at.tzinfo).date()).days
    words = {-1: _("yesterday at %(clock)s"), 0: _("today at %(clock)s"), 1: _("tomorrow at %(clock)s")}.get(days)
    return (words or _("%(day)s at %(clock)s")) % {"day": day(at), "clock": clock(at)}


@register.filter
def phone_words(number: Any) -> str:
    """Return a phone number as people in its country write it: (555) 010-0199."""
    return getattr(number, "as_national", None) or str(number or "")


@register.filter
def number_note(patient: Any, zone: str) -> str:
    """Return a warning about the patient's number for staff who call; empty when it was confirmed lately."""
    if patient.phone_wrong_at:
        return f"The patient said {day(in_zone(patient.phone_wrong_at, zone))}: this is not my number."
    if asks_number(patient, timezone.now()):
        last = patient.phone_confirmed_at
        return f"Not confirmed since {day(in_zone(last, zone))}." if last else "Never confirmed by the patient."
    return ""


@register.filter
def tel(number: Any) -> str:
    """Return the link that makes a phone dial this number."""
    return f"tel:{getattr(number, 'as_e164', None) or number}"


@register.simple_tag
def in_trouble(way: str) -> bool:
    """Return whether letters by this channel (sms, email) fail at present."""
    return way_in_trouble(way, timezone.now())

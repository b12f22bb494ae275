"""Words, colours and times that every page shares: a tier and a local time look the same everywhere."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.tz import do_timezone
from django.utils import timezone

from patients.models import Staff
from patients.permissions import Permission, may, who_asks
from patients.reaching.letters import in_trouble as way_in_trouble
from patients.sign_in.own_number import asks_number
from patients.sign_in.phone_secrets import person_mark
from patients.tiers import CALL_911, CALL_DOCTOR_NOW, ON_TRACK, SHORT_LABELS, WATCH
from patients.trouble import report

register = template.Library()
register.filter("person_mark", person_mark)

# The one place where a tier gets its words, its colour (app.css: .tier-<class>) and its icon.
TIERS = {
    CALL_911: (SHORT_LABELS[CALL_911], "tier-911", "siren"),
    CALL_DOCTOR_NOW: (SHORT_LABELS[CALL_DOCTOR_NOW], "tier-doctor", "phone"),
    WATCH: (SHORT_LABELS[WATCH], "tier-watch", "eye"),
    ON_TRACK: (SHORT_LABELS[ON_TRACK], "tier-track", "leaf"),
    # Marks beside the tiers (recovery.wording.log_words): what a log is called where its tier says too little.
    "er_now": ("Go to the ER now", "tier-doctor", "siren"),
    "unread": ("Note not read yet", "tier-none", "eye"),
    "words": ("Answers on track", "tier-none", "eye"),
    # Beside the tiers too: how a person is called whose last log says nothing of them now.
    "hospital": ("In hospital", "tier-none", "hospital"),
    "not_judged": ("Not judged yet", "tier-none", "clock"),
}
UNKNOWN_TIER = ("No log yet", "tier-none", "clock")


@register.filter("may")
def may_do(who: HttpRequest | Staff, name: str) -> bool:
    """May a colleague, or whoever a request is from? By the name in patients.permissions; False for nobody."""
    permission = Permission[name]
    person = who if isinstance(who, Staff) else who_asks(who)
    return person is not None and may(person, permission)


@register.filter
def tier_label(tier: str) -> str:
    """The tier in words: Call 911, Call doctor now, Watch, On track."""
    return TIERS.get(tier, UNKNOWN_TIER)[0]


@register.filter
def tier_class(tier: str) -> str:
    """The CSS class that gives a tier its colours."""
    return TIERS.get(tier, UNKNOWN_TIER)[1]


@register.filter
def tier_icon(tier: str) -> str:
    """The name of the tier's icon in components/icon.html."""
    return TIERS.get(tier, UNKNOWN_TIER)[2]


@register.inclusion_tag("components/tier.html")
def tier(value: str) -> dict[str, str]:
    """A tier as colour, icon and word together, never colour alone."""
    label, css, icon = TIERS.get(value, UNKNOWN_TIER)
    return {"label": label, "css": css, "icon": icon}


@register.inclusion_tag("components/icon.html")
def icon(name: str, css: str = "") -> dict[str, str]:
    """A small drawing beside words; it says nothing by itself and is hidden from screen readers."""
    return {"name": name, "css": css}


@register.simple_tag(takes_context=True)
def part(context: template.RequestContext, name: str, title: str) -> str:
    """A part of a page by its template. One that cannot be shown leaves a note with its title."""
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
    """The same moment on the clocks of an IANA zone; pipe it into clock, day or day_and_clock."""
    return do_timezone(at, ZoneInfo(zone)) if at else None


@register.filter
def clock(at: datetime | None) -> str:
    """10:09 AM"""
    return f"{at:%I:%M %p}".lstrip("0") if at else ""


@register.filter
def day(at: datetime | None) -> str:
    """Sat Nov 21"""
    return f"{at:%a %b} {at.day}" if at else ""


@register.filter
def day_and_clock(at: datetime | None) -> str:
    """Sat Nov 21, 10:09 AM"""
    return f"{day(at)}, {clock(at)}" if at else ""


@register.filter
def day_or_hour(at: datetime | None, now: datetime) -> str:
    """3:07 PM today, 8:00 AM tomorrow, or Mon Nov 30: of a day that has begun, or begins next, the hour counts."""
    if not at:
        return ""
    days = (at.date() - now.astimezone(at.tzinfo).date()).days
    near = {0: "today", 1: "tomorrow"}.get(days)
    return f"{clock(at)} {near}" if near else day(at)


@register.filter
def phone_words(number: Any) -> str:
    """A phone number as people of its country write it: (555) 010-0199."""
    return getattr(number, "as_national", None) or str(number or "")


@register.filter
def number_note(patient: Any, zone: str) -> str:
    """Whether the patient's number can be relied on, for whoever calls; empty when it was confirmed lately."""
    if patient.phone_wrong_at:
        return f"The patient said {day(in_zone(patient.phone_wrong_at, zone))}: this is not my number."
    if asks_number(patient, timezone.now()):
        last = patient.phone_confirmed_at
        return f"Not confirmed since {day(in_zone(last, zone))}." if last else "Never confirmed by the patient."
    return ""


@register.filter
def tel(number: Any) -> str:
    """The address that makes a phone dial this number."""
    return f"tel:{getattr(number, 'as_e164', None) or number}"


@register.simple_tag
def in_trouble(way: str) -> bool:
    """Do messages by this way (sms, email) not leave at present?"""
    return way_in_trouble(way, timezone.now())

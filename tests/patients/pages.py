"""How a page about people is opened, and what its form sends back."""

import time
from typing import Any

from django import forms
from django.test import Client

from patients.models import Caregiver, Patient, Staff, User
from patients.sign_in.proofs import CAME_IN, LAST_CLICK, SHOWN

BACKEND = "django.contrib.auth.backends.ModelBackend"


def signed_in(who: Staff | Patient | Caregiver | User) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    user = User.objects.get(pk=who.pk if isinstance(who, User) else who.user_id)
    client.force_login(user, backend=BACKEND)
    return client


def just_shown(client: Client) -> Client:
    """The same browser, as if a code had been typed there this moment."""
    session = client.session
    session[SHOWN] = [{"method": "code", "at": time.time()}]
    session.save()
    return client


def nobody_clicks(client: Client, minutes: int) -> None:
    """As if so much more time had passed since the last click."""
    session = client.session
    session[LAST_CLICK] -= 60 * minutes
    session.save()


def went_by(client: Client, minutes: int) -> None:
    """As if so much more time had passed since whatever this session remembers."""
    session = client.session
    for name in (CAME_IN, LAST_CLICK):
        if name in session:
            session[name] -= 60 * minutes
    session.save()


def as_sent(*filled: forms.BaseForm) -> dict[str, Any]:
    """What a browser sends for these forms when nobody changes anything."""
    sent: dict[str, Any] = {}
    for form in filled:
        for bound in form:
            value = bound.value()
            if value is None or value is False:
                continue
            typed = "on" if value is True and isinstance(bound.field.widget, forms.CheckboxInput) else value
            if not isinstance(typed, str | list):
                typed = bound.field.widget.format_value(typed)
            sent[bound.html_name] = typed
    return sent


def text(answer: Any) -> str:
    """The page as a string, every stretch of white space as one space, as a browser shows it."""
    return " ".join(answer.content.decode().split())


def strangers(people: Any) -> list[Client]:
    """Everybody to whom a page about the cast's patient does not exist: another clinic, patients, a helper."""
    return [signed_in(who) for who in (people.other_nurse, people.patient, people.other_patient, people.helper)]

"""A person adds the browser they use for push messages, tests it, and removes it: staff, patients and helpers."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from alerts.messaging import contact_methods, webpush
from alerts.messaging.channels import PermanentFailure, TemporaryFailure, safe_http
from alerts.messaging.channels.hosts import NamedBy
from alerts.messaging.contact_methods import LastWay
from alerts.messaging.unreachable_staff import tell_managers
from alerts.models import Delivery
from alerts.models.refusals import AlertError
from patients.models import ContactMethod, Staff, User
from patients.models.contact import mark_of
from patients.selectors.people import usable_kinds

PUSH = ContactMethod.Kind.PUSH
MOST_DEVICES = 10
NOT_A_BROWSER = _("This browser gave us an address that cannot be used. Update it, or use another browser.")
TOO_MANY = _("You have {most} devices already. Remove one first.")
NO_SERVICE = _("We cannot find this browser's push service right now. Try again in a minute.")
LAST = "Nobody could tell you about an alert any more, except on the screen."


@dataclass(frozen=True)
class Subscription:
    """A browser's push subscription: an address at its push service, two keys in base64url, and a label."""

    endpoint: str
    p256dh: str
    auth: str
    label: str

    @property
    def as_kept(self) -> str:
        """The subscription as JSON, as the push channel reads it."""
        return json.dumps({"endpoint": self.endpoint, "p256dh": self.p256dh, "auth": self.auth})


def push_works() -> bool:
    """Does this installation have a key for push?"""
    return bool(settings.VAPID_PRIVATE_KEY)


def vapid_key() -> str:
    """The public key that a browser needs to subscribe; empty when push is not set up."""
    return webpush.public_of(settings.VAPID_PRIVATE_KEY) if push_works() else ""


def add_device(*, user: User, given: Subscription, now: datetime) -> ContactMethod:
    """Add a browser, which shows this person's messages from now on and no longer those of somebody else.

    AlertError: MOST_DEVICES are there, the address is not a listed push service, or the keys are not valid.
    """
    _check(given)
    mark = mark_of(given.endpoint)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
        others = ContactMethod.objects.filter(user=user, kind=PUSH).exclude(address=mark)
        if others.count() >= MOST_DEVICES:
            raise AlertError(str(TOO_MANY).format(most=MOST_DEVICES))
        ContactMethod.objects.filter(kind=PUSH, address=mark).exclude(user=user).delete()
        row, _ = ContactMethod.objects.update_or_create(
            user=user,
            kind=PUSH,
            address=mark,
            defaults={
                "label": given.label.strip()[:80] or "A browser",
                "subscription": given.as_kept,
                "verified_at": now,
                "disabled_at": None,
                "last_failed_at": None,
                "last_error": "",
            },
        )
    return row


def drop_device(*, user: User, pk: int) -> str:
    """Remove a patient's or helper's own browser; return its label, "" when it is gone already."""
    row = ContactMethod.objects.filter(user=user, kind=PUSH, pk=pk).first()
    if row is None:
        return ""
    row.delete()
    return row.label


def remove_device(*, staff: Staff, pk: int, sure: bool, now: datetime) -> str:
    """Remove a browser. Returns its label. LastWay when no other way works and sure is False."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).only("pk").get(pk=staff.user_id)
        row = _mine(staff, pk)
        others = ContactMethod.objects.filter(user=staff.user, kind=PUSH, last_failed_at__isnull=True)
        failed = ContactMethod.objects.filter(user=staff.user, last_failed_at__isnull=False).exclude(kind=PUSH)
        left = usable_kinds([staff.user])[staff.user_id] - {PUSH, *failed.values_list("kind", flat=True)}
        last = not left and not others.exclude(pk=pk).exists()
        if last and not sure:
            raise LastWay(LAST)
        row.delete()
        if last:
            tell_managers(staff, PUSH, now)
    return row.label


def send_test(*, staff: Staff, pk: int, now: datetime) -> Delivery:
    """Send a test message to one browser. AlertError when the browser was removed."""
    return contact_methods.send_test(staff=staff, kind=PUSH, now=now, device=_mine(staff, pk).pk)


def _mine(staff: Staff, pk: int) -> ContactMethod:
    row = ContactMethod.objects.filter(user=staff.user, kind=PUSH, pk=pk).first()
    if row is None:
        raise AlertError("This device is gone already.")
    return row


def _check(given: Subscription) -> None:
    if len(given.endpoint) > safe_http.LONGEST_PUSH_URL:
        raise AlertError(str(NOT_A_BROWSER))
    try:
        safe_http.check(given.endpoint, named_by=NamedBy.BROWSER, loopback=settings.OUTBOUND_LOOPBACK)
        webpush.encrypt(b"", given.p256dh, given.auth)
    except TemporaryFailure:
        raise AlertError(str(NO_SERVICE)) from None
    except safe_http.NotListed as error:
        raise AlertError(str(error)) from None
    except (PermanentFailure, ValueError):
        raise AlertError(str(NOT_A_BROWSER)) from None

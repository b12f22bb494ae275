"""The link with which staff choose a password: sent by e-mail, or handed over by a manager."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from patients.models import Letter, Staff, User
from patients.reaching import letters
from patients.reaching.letter_sending import send_email_now

TEMPLATE = "account/email/password_reset_key"
NOT_BY_HAND = "{name} has a password, and the last link left: send another one instead."


def password_link(user: User) -> str:
    """Return a link that works once, for the time of PASSWORD_RESET_TIMEOUT."""
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    path = reverse("account_reset_password_from_key", kwargs=key)
    return f"{settings.BASE_URL}{path}"


def send_link(person: Staff, by: Staff) -> Letter:
    """Send the link and wait for the mail server (5 seconds at most); returns the letter with its outcome."""
    letter = letters.begin(Letter.What.LINK, Letter.Way.EMAIL, user=person.user, by=by)
    context = {"email": person.user.email, "user": person.user, "password_reset_url": password_link(person.user)}
    return send_email_now(get_adapter().render_mail(TEMPLATE, person.user.email, context), letter)


def may_hand_over(person: Staff, newest: Letter | None) -> bool:
    """Return whether a manager may see the link: only without a password yet, or when the e-mail failed.

    The restriction is there because everyone who has the link can choose the password.
    """
    return not person.user.has_usable_password() or bool(newest and newest.state == Letter.State.FAILED)


def link_to_hand_over(person: Staff, by: Staff) -> str:
    """Return a link for the manager to hand over and record who took it; empty when it is not allowed."""
    if not may_hand_over(person, letters.newest_links([person.user_id]).get(person.user_id)):
        return ""
    letters.end(letters.begin(Letter.What.LINK, Letter.Way.HAND, user=person.user, by=by), None)
    return password_link(person.user)

"""Adapts the sign-in library allauth: codes for patients and helpers, passwords for staff only."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from patients.clock import db_now
from patients.models import Letter, User
from patients.reaching import letters
from patients.reaching.letter_sending import send_email_soon, send_sms_soon
from patients.scoping import staff_of
from patients.selectors.addresses import Address, read_address, user_at, user_at_text
from patients.selectors.reach import stopped_among
from patients.sign_in import kept_forms, known_browsers, limits, proofs
from patients.sign_in.changes import changed, tell
from patients.sign_in.factor_secrets import lock_of, named, open_of
from patients.sign_in.own_number import proved_by_code
from patients.trail import What, note

BY_THE_CLINIC = _("Your clinic keeps your phone number. Ask them to change it.")
WHAT = {"login_code": Letter.What.CODE, "password_reset_key": Letter.What.LINK}
PASSWORDS = {"email_password_mismatch", "phone_password_mismatch", "username_password_mismatch", "invalid_login"}


class AccountAdapter(DefaultAccountAdapter):
    """Rules for accounts: only clinics make them, and only staff have passwords."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        **dict.fromkeys(PASSWORDS, "This e-mail and password do not belong together."),
        "incorrect_code": _("That is not the code we sent last. Check the newest message and try again."),
        "too_many_login_attempts": _("Too many tries. Wait a few minutes, then start again."),
        "rate_limited": _("Too many tries. Wait a few minutes, then start again."),
    }

    def is_open_for_signup(self, request: Any) -> bool:
        """Return False: a clinic enrols its patients, a manager adds staff."""
        return False

    def get_login_stages(self) -> list[str]:
        """Return our code stage and the second factor's. Addresses need no other check: the code proves them."""
        return [
            "patients.sign_in.codes.CodeStage",
            "patients.sign_in.codes.FactorStage",
        ]

    def login(self, request: HttpRequest, user: Any) -> None:
        """Begin the session and write it to the trail; sign_in.proofs checks at each request if it is valid."""
        super().login(request, user)
        proofs.begin(request.session, db_now())
        kept_forms.forget_others(request)
        note(What.SIGNED_IN, request, user=user, detail=proofs.shown_words(request.session))

    def logout(self, request: HttpRequest) -> None:
        """Sign out by the button and write it to the trail; other ways to end a session write their own lines."""
        user = request.user if isinstance(request.user, User) else None
        super().logout(request)
        note(What.SIGNED_OUT, request, user=user)

    # --- Codes ---

    def send_code(self, address: Address, code: str, user: Any = None) -> Address:
        """Send a sign-in code to the given address; returns the address it went to. The text has no health data.

        A person whose phone takes no texts (patients.selectors.reach) gets it by e-mail, if they have one.
        It is in their own language, else in that of the page.
        """
        with override(user.language if user and user.language else get_language()):
            return self._send_code(address, code, user)

    def _send_code(self, address: Address, code: str, user: Any) -> Address:
        email = address.email
        if address.phone and stopped_among([address.phone]):
            person = user or user_at(address)
            email = person.email if person else ""
        if address.phone and not email:
            self.send_verification_code_sms(user=user, phone=address.phone, code=code)
            return address
        self.send_mail("account/email/login_code", email, {"code": code, "user": user})
        return Address(email=email)

    def send_verification_code_sms(self, user: Any, phone: str, code: str, **kwargs: Any) -> None:
        """Send the code in one short text, where phones find it for autofill."""
        text = render_to_string("account/sms/login_code.txt", {"code": code}).strip()
        send_sms_soon(phone, text, letters.begin(Letter.What.CODE, Letter.Way.SMS, user=user))

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Write a change of a sign-in to the trail and tell the person; allauth calls this for each change."""
        words = changed(self.request, user, template_prefix)
        if words:
            tell(user, words)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Render an e-mail now and send it in a thread."""
        message: EmailMessage = self.render_mail(template_prefix, email, {"email": email, **context})
        what = WHAT.get(template_prefix.rpartition("/")[2], Letter.What.OTHER)
        send_email_soon(message, letters.begin(what, Letter.Way.EMAIL, user=context.get("user")))

    def format_email_subject(self, subject: str) -> str:
        """Return the subject unchanged."""
        return subject

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return how a person can prove again who they are; patients and helpers have a page of their own."""
        if user.is_authenticated and not proofs.of(self.request).guarded:
            return [{"id": "show_again", "description": "Show it is you", "url": reverse("patients:show_again")}]
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return methods

    # --- Phones: kept by the clinic ---

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        """Return the number in E.164, and whether its owner ever typed in a code sent there; None without one."""
        return (user.phone.as_e164, user.phone_verified) if user.phone else None

    def clean_phone(self, phone: str) -> str:
        """Refuse every number in allauth's forms: a change there would leave the old one in the clinic's rows."""
        raise ValidationError(BY_THE_CLINIC)

    def set_phone(self, user: Any, phone: str, verified: bool) -> None:
        """Refuse any change, for the same reason as clean_phone."""
        raise PermissionDenied(BY_THE_CLINIC)

    def set_phone_verified(self, user: Any, phone: str) -> None:
        """Note that a code sent to this number was typed in."""
        User.objects.filter(pk=user.pk, phone=phone).update(phone_verified=True)
        proved_by_code(user, phone, timezone.now())

    def get_user_by_phone(self, phone: str) -> Any:
        """Return the user with this number, in any spelling, or None."""
        try:
            return user_at(read_address(phone))
        except ValidationError:
            return None

    # --- Passwords: staff alone ---

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try before the password is checked; refuse it when its limit is used up (sign_in.limits)."""
        self._guess = limits.guess(request, _typed(credentials), "password")
        if self._guess is None:
            note(What.REFUSED, request, user=user_at_text(_typed(credentials)), detail="too many tries: password")
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Return the user if the password is right, else None; a right password does not count as a try."""
        user = super().authenticate(request, **credentials)
        if user and self._guess:
            self._guess.was_right()
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write a wrong password to the trail, without the address if no user has it."""
        note(What.FAILED, request, user=user_at_text(_typed(credentials)), detail="wrong password")

    def post_login(self, request: HttpRequest, user: Any, **more: Any) -> Any:
        """Remember this browser as known to the user after signing in."""
        response = super().post_login(request, user, **more)
        known_browsers.remember(request, response, user)
        return response

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """Send the link to staff only: patients and helpers have no password."""
        if staff_of(user):
            super().send_password_reset_mail(user, email, context)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link at BASE_URL, never at the host name of the request."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return f"{settings.BASE_URL}{path}".replace("UID-KEY", key)

    def set_password(self, user: Any, password: str) -> None:
        """Set the password of a member of staff; raises PermissionDenied for others."""
        if not staff_of(user):
            raise PermissionDenied
        super().set_password(user, password)


class MFAAdapter(DefaultMFAAdapter):
    """Locks the secrets of authenticator apps before the library stores them."""

    def encrypt(self, text: str) -> str:
        """Lock a text for its owner with the newest key."""
        return lock_of(self._whose(), text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a locked text; raises Unopened when its key is missing or it belongs to another person."""
        return open_of(self._whose(), encrypted_text)

    def _whose(self) -> int:
        """Return the id of the person named by factors_of, else of the signed-in user. Raises LookupError."""
        person = named()
        if person is None and self.request is not None and self.request.user.is_authenticated:
            person = self.request.user.pk
        if person is None:
            raise LookupError("whose second factor is it? Say so: factors_of()")
        return int(person)


def _typed(credentials: dict[str, Any]) -> str:
    """Return the typed e-mail, name or phone, in lower case."""
    given = (credentials.get(name) for name in ("email", "username", "phone"))
    return str(next(filter(None, given), "")).strip().lower()

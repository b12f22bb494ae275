"""Signing in with a 6-digit code, on top of allauth's login stages.

One way for both kinds of address and for known and unknown ones: every step answers alike, so that nobody learns
here who is a patient. allauth's own code stage is left out: it cannot send again to an unknown phone.
"""

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.stagekit import clear_login, stash_login
from allauth.account.models import Login
from allauth.account.stages import LoginStage, LoginStageController
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest, HttpResponse

from patients.models import User
from patients.selectors.addresses import Address
from patients.sign_in import proofs


class CodeStage(LoginStage):
    """Waiting for the code. Opening the sign-in page again starts from the beginning."""

    key = "code"
    urlname = "patients:enter_code"

    def is_resumable(self, request: HttpRequest) -> bool:
        """A person who goes back wants to correct the address."""
        return False


class FactorStage(AuthenticateStage):
    """The second factor, of whoever must show two. A patient's passkey is another way, never one more."""

    def _should_handle(self, request: HttpRequest) -> bool:
        user = self.login.user
        return isinstance(user, User) and proofs.is_guarded(user) and super()._should_handle(request)


class SentCode(AbstractCodeVerificationProcess):
    """One code on its way to one address, kept in the session until it is typed, used up or too old."""

    def __init__(self, state: dict[str, Any], user: Any) -> None:
        super().__init__(
            state=state,
            timeout=app_settings.LOGIN_BY_CODE_TIMEOUT,
            max_attempts=app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS,
            user=user,
        )

    @property
    def address(self) -> Address:
        """Where the code went."""
        return Address(phone=self.state.get("phone", ""), email=self.state.get("email", ""))

    def send(self) -> None:
        """A new code; the one before is void from now on."""
        adapter = get_adapter()
        self.state["code"] = adapter.generate_login_code()
        if self.user:
            self.state["texted"] = bool(adapter.send_code(self.address, self.code, self.user).phone)
        self.persist()

    def typed(self, request: HttpRequest, **more: Any) -> User:
        """The code was right: this session has shown it. Whose it is."""
        user, address = self.user, self.address
        assert isinstance(user, User)
        record_authentication(
            request, user, method="code", email=address.email or None, phone=address.phone or None, **more
        )
        # One that came by e-mail instead says nothing about the phone.
        if address.phone and self.state.get("texted"):
            get_adapter().set_phone_verified(user, address.phone)
        return user


class CodeProcess(SentCode):
    """A code by which somebody signs in."""

    def __init__(self, stage: Any) -> None:
        self.stage = stage
        super().__init__(stage.state, stage.login.user)

    @classmethod
    def start(cls, request: HttpRequest, address: Address, user: User | None, holder: str = "") -> "CodeProcess":
        """Send a code to the address when it is a known person's, and wait for it either way.

        holder: what this browser shows beside it (a sign-in card), so that its tries are counted apart.
        """
        login = Login(user=user)
        login.state["stages"] = {"current": CodeStage.key}
        stage = CodeStage(LoginStageController(request, login), request, login)
        stage.state.update(cls.initial_state(user=user, email=address.email, phone=address.phone))
        stage.state["holder"] = holder
        process = cls(stage)
        process.send()
        return process

    @classmethod
    def waiting(cls, request: HttpRequest) -> "CodeProcess | None":
        """The code this browser waits for; None when there is none or it is too old."""
        stage = LoginStageController.enter(request, CodeStage.key)
        return cls(stage).abort_if_invalid() if stage else None

    @property
    def holder(self) -> str:
        """The sign-in card this browser came by; empty when it was none."""
        return str(self.state.get("holder", ""))

    @property
    def can_resend(self) -> bool:
        """A few times; then the person starts again and meets the rate limits."""
        return not self.is_resend_quota_reached(app_settings.LOGIN_BY_CODE_MAX_RESEND_COUNT)

    def resend(self) -> None:
        """Another code, with the full time to type it."""
        self.record_resend()
        self.state["at"] = self.stage.login.initiated_at = time.time()
        self.send()

    def finish(self, redirect_url: str | None) -> HttpResponse:
        """The code was right: sign in, by way of the second factor when the person has one."""
        user = self.typed(self.stage.request)
        return perform_login(self.stage.request, Login(user=user, redirect_url=redirect_url))

    def abort(self) -> None:
        """Forget the code."""
        clear_login(self.stage.request)

    def persist(self) -> None:
        """Keep it in the session."""
        stash_login(self.stage.request, self.stage.login)


class AgainProcess(SentCode):
    """A code by which somebody who is signed in shows once more that it is them."""

    KEY = "show_again"

    def __init__(self, request: HttpRequest, state: dict[str, Any]) -> None:
        self.request = request
        super().__init__(state, request.user)

    @classmethod
    def start(cls, request: HttpRequest, address: Address) -> None:
        """Send a code to this address of theirs."""
        assert isinstance(request.user, User)
        cls(request, cls.initial_state(request.user, address.email, address.phone)).send()

    @classmethod
    def waiting(cls, request: HttpRequest) -> "AgainProcess | None":
        """The code this browser waits for; None when there is none or it is too old."""
        state = request.session.get(cls.KEY)
        return cls(request, state).abort_if_invalid() if state else None

    def finish(self) -> None:
        """The code was right."""
        self.typed(self.request, reauthenticated=True)
        self.abort()

    def abort(self) -> None:
        """Forget the code."""
        self.request.session.pop(self.KEY, None)

    def persist(self) -> None:
        """Keep it in the session."""
        self.request.session[self.KEY] = self.state

"""Signs people in with a 6-digit code, on top of allauth's login stages.

Every step gives the same answer for e-mail and phone, and for known and unknown addresses, so that an attacker
cannot find out who is a patient. We do not use allauth's own code stage, because it cannot resend to an unknown
phone.
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
    """The stage that waits for the code. Opening the sign-in page again starts from the beginning."""

    key = "code"
    urlname = "patients:enter_code"

    def is_resumable(self, request: HttpRequest) -> bool:
        """Return False: a person who goes back wants to correct the address."""
        return False


class FactorStage(AuthenticateStage):
    """The stage of the second factor, for guarded users only. A patient's passkey replaces the code."""

    def _should_handle(self, request: HttpRequest) -> bool:
        user = self.login.user
        return isinstance(user, User) and proofs.is_guarded(user) and super()._should_handle(request)


class SentCode(AbstractCodeVerificationProcess):
    """A code sent to one address, kept in the session until it is typed, used up or too old."""

    def __init__(self, state: dict[str, Any], user: Any) -> None:
        super().__init__(
            state=state,
            timeout=app_settings.LOGIN_BY_CODE_TIMEOUT,
            max_attempts=app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS,
            user=user,
        )

    @property
    def address(self) -> Address:
        """The address the code was asked for."""
        return Address(phone=self.state.get("phone", ""), email=self.state.get("email", ""))

    def send(self) -> None:
        """Make and send a new code; the earlier one stops working."""
        adapter = get_adapter()
        self.state["code"] = adapter.generate_login_code()
        if self.user:
            self.state["texted"] = bool(adapter.send_code(self.address, self.code, self.user).phone)
        self.persist()

    def typed(self, request: HttpRequest, **more: Any) -> User:
        """Note that the right code was typed in this session; returns its user."""
        user, address = self.user, self.address
        assert isinstance(user, User)
        record_authentication(
            request, user, method="code", email=address.email or None, phone=address.phone or None, **more
        )
        # A code that went by e-mail instead proves nothing about the phone.
        if address.phone and self.state.get("texted"):
            get_adapter().set_phone_verified(user, address.phone)
        return user


class CodeProcess(SentCode):
    """A code for signing in."""

    def __init__(self, stage: Any) -> None:
        self.stage = stage
        super().__init__(stage.state, stage.login.user)

    @classmethod
    def start(cls, request: HttpRequest, address: Address, user: User | None, holder: str = "") -> "CodeProcess":
        """Send a code if the address belongs to a known person, and wait for it in either case.

        holder: the sign-in card this browser has shown, so that its tries are counted separately.
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
        """The sign-in card with which this browser came; empty without one."""
        return str(self.state.get("holder", ""))

    @property
    def can_resend(self) -> bool:
        """Whether the code may be sent again: a few times, then the person must start again under the limits."""
        return not self.is_resend_quota_reached(app_settings.LOGIN_BY_CODE_MAX_RESEND_COUNT)

    def resend(self) -> None:
        """Send another code, with the full time to type it."""
        self.record_resend()
        self.state["at"] = self.stage.login.initiated_at = time.time()
        self.send()

    def finish(self, redirect_url: str | None) -> HttpResponse:
        """Sign in after the right code; a person with a second factor must show it first."""
        user = self.typed(self.stage.request)
        return perform_login(self.stage.request, Login(user=user, redirect_url=redirect_url))

    def abort(self) -> None:
        """Forget the code."""
        clear_login(self.stage.request)

    def persist(self) -> None:
        """Keep it in the session."""
        stash_login(self.stage.request, self.stage.login)


class AgainProcess(SentCode):
    """A code with which a signed-in person proves again who they are."""

    KEY = "show_again"

    def __init__(self, request: HttpRequest, state: dict[str, Any]) -> None:
        self.request = request
        super().__init__(state, request.user)

    @classmethod
    def start(cls, request: HttpRequest, address: Address) -> None:
        """Send a code to this address of the signed-in person."""
        assert isinstance(request.user, User)
        cls(request, cls.initial_state(request.user, address.email, address.phone)).send()

    @classmethod
    def waiting(cls, request: HttpRequest) -> "AgainProcess | None":
        """The code this browser waits for; None when there is none or it is too old."""
        state = request.session.get(cls.KEY)
        return cls(request, state).abort_if_invalid() if state else None

    def finish(self) -> None:
        """Note that the right code was typed, and forget it."""
        self.typed(self.request, reauthenticated=True)
        self.abort()

    def abort(self) -> None:
        """Forget the code."""
        self.request.session.pop(self.KEY, None)

    def persist(self) -> None:
        """Keep it in the session."""
        self.request.session[self.KEY] = self.state

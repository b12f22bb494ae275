"""How allauth finds people by phone and sends them codes."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by clinics, never by strangers."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False

"""Automatic calls to patients. The provider dials; when somebody answers, it asks us what to say."""

from datetime import timedelta
from urllib.parse import quote

from django.conf import settings

from alerts.messaging.channels.base import NotReady, Sent
from alerts.messaging.channels.twilio import Account, hand_over

# How long a phone rings: long enough for somebody who walks slowly.
RINGS_FOR = timedelta(seconds=40)


class Voice:
    """The channel of calls. What is said does not leave with the call: the provider fetches it step by step."""

    def send(self, address: str, subject: str, body: str, key: str) -> Sent:
        """Have one call made. The provider knows no keys here: a call whose answer was lost may ring twice."""
        if not settings.VOICE_FROM:
            raise NotReady("calling is not set up")
        account = Account(settings.SMS_ACCOUNT, settings.SMS_TOKEN, settings.VOICE_FROM, settings.SMS_API_URL)
        name = quote(key, safe="")
        form = {
            "To": address,
            "From": account.sender,
            "Url": f"{settings.BASE_URL}/hooks/voice/hello/?key={name}",
            "Method": "POST",
            "StatusCallback": f"{settings.BASE_URL}/hooks/voice/status/?key={name}",
            "Timeout": f"{RINGS_FOR.total_seconds():.0f}",
        }
        return hand_over(account, "Calls", form, key)

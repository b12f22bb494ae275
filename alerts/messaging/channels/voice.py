"""Automatic calls to patients and staff. The provider dials; when somebody answers, it asks us what to say."""

from datetime import timedelta
from urllib.parse import quote

from django.conf import settings

from alerts.messaging.channels.base import NotReady, Sent
from alerts.messaging.channels.twilio import Account, hand_over

# How long a phone rings: long enough for somebody who walks slowly.
RINGS_FOR = timedelta(seconds=40)
# The pages that say what a call says: alerts.views.staff_calls, and recovery.phone.automatic_calls.
STAFF_PAGE, PATIENT_PAGE = "/hooks/voice/staff/", "/hooks/voice/hello/"


class Voice:
    """The channel of calls. What is said does not leave with the call: the provider fetches it step by step."""

    def send(self, address: str, subject: str, body: str, key: str) -> Sent:
        """Have one call made. body: the path of the page that says what the call says.

        The provider knows no keys here: a call whose answer was lost may ring twice.
        """
        if not settings.VOICE_FROM:
            raise NotReady("calling is not set up")
        account = Account(settings.SMS_ACCOUNT, settings.SMS_TOKEN, settings.VOICE_FROM, settings.SMS_API_URL)
        name = quote(key, safe="")
        form = {
            "To": address,
            "From": account.sender,
            "Url": f"{settings.BASE_URL}{body}?key={name}",
            "Method": "POST",
            "StatusCallback": f"{settings.BASE_URL}/hooks/voice/status/?key={name}",
            "Timeout": f"{RINGS_FOR.total_seconds():.0f}",
        }
        if body == STAFF_PAGE:
            # The provider listens first, so that a voicemail is told from a person (AnsweredBy).
            form["MachineDetection"] = "Enable"
        return hand_over(account, "Calls", form, key)

"""Ready texts with which staff begin a message to a patient: plain words that judge nothing clinical.

They are translated as all pages are (locale/), so that the same tests check that they are easy and spelled right.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override


@dataclass(frozen=True)
class ReadyText:
    """One text. title: for staff; words: for the patient, {phone} is the clinic's number."""

    key: str
    title: str
    words: Any

    def in_language(self, language: str, phone: str) -> str:
        """Return the words in the language of the reader."""
        with override(language):
            return str(self.words).format(phone=phone)


READY_TEXTS = (
    ReadyText("log", "Please log", _("Please fill in your log in this app today. It tells us how you are.")),
    ReadyText("call", "Please call us", _("Please call us today at {phone}. We would like to talk with you.")),
    ReadyText(
        "we_call", "We will call", _("We will call you today. Please keep your phone near you, with the sound on.")
    ),
    ReadyText(
        "visit",
        "Your next visit",
        _("Your next visit is in this app, under Plan. If you cannot come, please call us at {phone}."),
    ),
    ReadyText("thanks", "We read it", _("Thank you. We have read what you wrote to us.")),
)
BY_KEY = {text.key: text for text in READY_TEXTS}

"""What an automatic call says, in one table. Questions about signs are those of the rule book, word for word."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from patients.tiers import CALL_911, CALL_DOCTOR_NOW
from recovery.forms.show_when import Asked, by_code, fields, is_asked, show_when
from recovery.wording.clinical_words import said

# The voice of the provider for each language of a patient.
VOICES = {"en": "en-US", "es": "es-MX"}

# Until somebody has pressed 1, nothing but this is said: a machine or another person may be listening.
HELLO = _("Hello. This is an automatic call from your care team, for {name}. If you are {name}, press 1.")
PLEASE_CALL = _("Please call your clinic at {phone}. Goodbye.")
NOT_HEARD = _("Sorry, I did not hear a key.")

HOW = _(
    "In an emergency, hang up and call 9 1 1. How are you today? If you are fine, press 1. If you feel worse,"
    " press 2. If you need help right now, press 3."
)
# For whom the record says that a symptom was there before the procedure.
AS_BEFORE = _("What you had before your procedure, and is no worse now, counts as no.")
YES_OR_NO = _("If yes to any of these, press 1. If no, press 2.")

ENDS = {
    CALL_911: _("Hang up now, and call 9 1 1."),
    CALL_DOCTOR_NOW: _(
        "Your clinic has your answer. Call your clinic now at {phone}. If no one calls you back soon, go to the"
        " emergency room. In an emergency, call 9 1 1. Goodbye."
    ),
}
THANKS = _(
    "Thank you. Your clinic has your answer. If you feel worse, call {phone}. In an emergency, call 9 1 1."
    " Goodbye."
)


def gate(code: str, asked: Asked, *, had_before: bool) -> list[str]:
    """Return the sentences of one gate: its question, each item that this patient is asked, the keys."""
    items = [field for field in fields() if show_when(field).item_of == code and is_asked(field, asked)]
    before = [str(AS_BEFORE)] if had_before else []
    questions = [said(field["question"]) for field in (by_code()[code], *items)]
    return [*questions, *before, str(YES_OR_NO)]


def end(tier: str, phone: str) -> str:
    """Return the last sentences of a call whose answers have this tier. phone: to be spoken digit by digit."""
    return str(ENDS.get(tier, THANKS)).format(phone=phone)


def spoken(number: str) -> str:
    """Return a phone number as a voice says it, digit by digit."""
    return ", ".join(" ".join(part) for part in number.replace("(", "").replace(")", "").replace("-", " ").split())


def voice(language: str, voices: Mapping[str, str] = VOICES) -> str:
    """Return the provider's voice for a patient's language."""
    return voices.get(language[:2], voices["en"])

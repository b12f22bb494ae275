"""PURE: what providers' error codes mean, and who can do something about each error.

Theirs: the address cannot take the message. Ours: our account, sender, server or limits; the operator must act,
the delivery is retried until then, and no address is marked as broken. Nobody's: temporary, and retried.

Sources, read in November 2026: the SMS provider's dictionary of errors, a page for each code
(https://www.twilio.com/docs/api/errors/30034); the registry of enhanced status codes of mail (RFC 3463, RFC 5248,
https://www.iana.org/assignments/smtp-enhanced-status-codes/), null MX (RFC 7505); push services (RFC 8030, 8292).
"""

import re
import smtplib
from dataclasses import dataclass
from enum import StrEnum

OPTED_OUT = 21610
# Codes for phones that take no texts at all.
LANDLINES = (21614, 21635, 30006)


class Whose(StrEnum):
    """Who can do something about an error."""

    THEIRS = "theirs"
    OURS = "ours"
    NOBODYS = "nobodys"


@dataclass(frozen=True)
class Fault:
    """An error: who can do something about it, and the reason in words for staff."""

    whose: Whose
    words: str


_T, _O, _N = Whose.THEIRS, Whose.OURS, Whose.NOBODYS
# The SMS provider's error codes, in its answers and receipts.
SMS: dict[int, Fault] = {
    21211: Fault(_T, "not a valid phone number"),
    21214: Fault(_T, "that number cannot be reached"),
    21217: Fault(_T, "not a valid phone number"),
    21265: Fault(_T, "that number is a short code"),
    OPTED_OUT: Fault(_T, "the person sent STOP"),
    21612: Fault(_T, "that number cannot be reached from ours"),
    21614: Fault(_T, "not a mobile number"),
    21635: Fault(_T, "a landline"),
    30003: Fault(_T, "the phone is off or out of reach"),
    30004: Fault(_T, "blocked by the phone or its carrier"),
    30005: Fault(_T, "the number is unknown or no longer in use"),
    30006: Fault(_T, "a landline, or a carrier that takes no texts"),
    30008: Fault(_N, "not delivered, and the carrier does not say why"),
    30009: Fault(_N, "a part of the message was lost"),
    30017: Fault(_N, "the carrier is overloaded"),
    # it was in the provider's queue for longer than a text is valid
    30036: Fault(_N, "the text waited too long to be sent"),
    30410: Fault(_N, "the carrier did not answer in time"),
    14107: Fault(_N, "too many messages at once"),
    20429: Fault(_N, "too many requests at once"),
    21730: Fault(_N, "the provider is under maintenance"),
    63017: Fault(_N, "too many messages at once"),
    63018: Fault(_N, "too many messages at once"),
    10001: Fault(_O, "our account is not active"),
    20003: Fault(_O, "our sign-in was refused"),
    20005: Fault(_O, "our account is not active"),
    20404: Fault(_O, "our account was not found"),
    21212: Fault(_O, "our sending number is not valid"),
    21266: Fault(_T, "this is our own sending number"),
    21401: Fault(_O, "our sending number is not valid"),
    21408: Fault(_O, "texts to that country are not switched on"),
    21601: Fault(_O, "our sending number cannot send texts"),
    21602: Fault(_O, "the message is empty"),
    21603: Fault(_O, "no sending number is set"),
    21604: Fault(_O, "no receiving number was given"),
    21606: Fault(_O, "our sending number cannot send texts"),
    21608: Fault(_O, "our account is on trial or not approved: it texts to numbers proved there only"),
    21611: Fault(_O, "our queue at the provider is full"),
    21617: Fault(_O, "the message is too long"),
    21657: Fault(_O, "the name we send under is not allowed"),
    21659: Fault(_O, "our sending number is not ours at the provider"),
    21660: Fault(_O, "our sending number belongs to another account"),
    21703: Fault(_O, "our messaging service has no sender"),
    21704: Fault(_O, "our messaging service has no sender"),
    21705: Fault(_O, "our messaging service was not found"),
    21712: Fault(_O, "our sending number belongs to another service"),
    21729: Fault(_O, "the registration of our sender is suspended"),
    30001: Fault(_O, "our queue at the provider is full"),
    30002: Fault(_O, "our account is suspended"),
    30007: Fault(_O, "filtered out by the carrier as if it were advertising"),
    30018: Fault(_O, "our sender is not registered in that country"),
    30022: Fault(_O, "over the rate our sender is registered for"),
    30023: Fault(_O, "over the number of texts a day our sender is registered for"),
    30024: Fault(_O, "our sender is not set up with that carrier, or not yet"),
    30027: Fault(_O, "over the number of texts a day that carrier takes from us"),
    30032: Fault(_O, "our toll-free number is not verified"),
    30033: Fault(_O, "the registration of our sender is suspended"),
    30034: Fault(_O, "our sender is not registered for A2P"),
    30035: Fault(_O, "the registration of our sender is not finished"),
    30037: Fault(_O, "sending is switched off for our account"),
    # the text went to a number of another customer of the provider, which takes no codes
    30038: Fault(_T, "that number belongs to a program and takes no codes"),
    30039: Fault(_T, "that number belongs to a program"),
    30042: Fault(_O, "the name we send under is not allowed"),
    30040: Fault(_O, "our sender is not registered in that country"),
    30044: Fault(_O, "too long for a trial account"),
    30450: Fault(_O, "blocked by the provider’s own protection"),
    30453: Fault(_O, "blocked by the provider’s own protection"),
    63038: Fault(_O, "over the number of texts a day of our account"),
}
_NO_MAILBOX = Fault(_T, "the mailbox is unknown")
_OVER_QUOTA = Fault(_O, "over the number of messages we may send")
_SMTP_NO_USER = (
    "user unknown",
    "unknown user",
    "no such user",
    "does not exist",
    "no mailbox",
    "unknown recipient",
)
_SMTP_QUOTA, _SMTP_QUOTA_WORDS = ("4.4.5", "4.7.28"), ("daily", "sending limit")
# Enhanced status codes of mail servers (RFC 3463), the most specific first.
_SMTP_STATUS: tuple[tuple[str, Fault], ...] = (
    ("5.1.7", Fault(_O, "our sender’s address was refused")),
    ("5.1.8", Fault(_O, "our sender’s address was refused")),
    ("5.4.5", _OVER_QUOTA),
    ("5.3.4", Fault(_O, "the message is too big")),
    ("5.2.3", Fault(_O, "the message is too big")),
    ("5.1.", _NO_MAILBOX),
    ("5.2.2", Fault(_T, "the mailbox is full")),
    ("5.2.", Fault(_T, "the mailbox takes no messages")),
    # "no answer from host" in the registry, but large hosts send it for an unknown mailbox
    ("5.4.1", _NO_MAILBOX),
    ("5.5.", Fault(_O, "the mail server did not understand ours")),
    ("5.7.", Fault(_O, "the mail server does not accept messages from ours")),
)
# The mail server's words in lower case, for when the code says too little.
_SMTP_WORDS: tuple[tuple[tuple[str, ...], Fault], ...] = (
    (
        ("relay", "authentica", "not allowed to send", "sender rejected", "sender address"),
        Fault(_O, "the mail server does not relay for ours"),
    ),
    (
        ("block", "blacklist", "denylist", "spam", "reputation", "listed", "policy", "dmarc", "spf", "dkim"),
        Fault(_O, "our mail server is on a blocklist, or its sender is not trusted"),
    ),
    (("quota exceeded", "mailbox full", "mailbox is full", "over quota"), Fault(_T, "the mailbox is full")),
    (("limit", "quota", "too many", "rate"), _OVER_QUOTA),
)
# In answer to the recipient's address, before the message was sent, these codes are about the address.
_SMTP_ABOUT_A_MAILBOX = (550, 551, 552, 553, 556)
_PUSH: dict[int, Fault] = {
    400: Fault(_O, "the request was refused as wrong"),
    401: Fault(_O, "our key was refused"),
    403: Fault(_O, "our key was refused"),
    405: Fault(_O, "the request was refused as wrong"),
    413: Fault(_O, "the note is too big"),
    406: Fault(_N, "too many notes at once"),
    415: Fault(_O, "the request was refused as wrong"),
}


def sms_fault(code: int) -> Fault:
    """Return the meaning of an SMS error code, 0 for none. An unknown code counts as ours, for the operator."""
    if not code:
        return Fault(_N, "not delivered, and the provider does not say why")
    return SMS.get(code, Fault(_O, "refused by the provider"))


def push_fault(status: int) -> Fault:
    """Return the meaning of a push service's 4xx status, except those that mean "later" or "gone"."""
    return _PUSH.get(status, Fault(_O, "the request was refused"))


def smtp_fault(code: int, text: str, *, at_the_address: bool) -> Fault:
    """Return the meaning of a mail server's answer. at_the_address: it is about the recipient, not about us."""
    if not 500 <= code <= 599:
        quota = any(mark in text.lower() for mark in _SMTP_QUOTA_WORDS)
        quota = quota or any(_has_status(text, mark) for mark in _SMTP_QUOTA)
        return _OVER_QUOTA if quota else Fault(_N, "not now")
    words = text.lower()
    # Some servers answer "5.7.1 unknown user" for an unknown mailbox.
    if at_the_address and any(mark in words for mark in _SMTP_NO_USER):
        return _NO_MAILBOX
    for mark, fault in _SMTP_STATUS:
        if _has_status(words, mark):
            return fault
    for marks, fault in _SMTP_WORDS:
        if any(mark in words for mark in marks):
            return fault
    if at_the_address and code in _SMTP_ABOUT_A_MAILBOX:
        return _NO_MAILBOX
    return Fault(_O, "the mail server does not accept messages from ours")


def _has_status(words: str, mark: str) -> bool:
    """Return whether the answer holds this status code or one that begins so; an IP address does not match."""
    end = "" if mark.endswith(".") else r"(?!\d)"
    return bool(re.search(rf"(?<![\d.]){re.escape(mark)}{end}(?!\d*\.\d)", words))


def mail_fault(error: Exception) -> Fault:
    """Return the meaning of an error in sending e-mail, without the server's text: it may hold the address."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Fault(_O, f"our sign-in was refused ({error.smtp_code})")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()), (450, b""))
        return _with_code(code, text, at_the_address=True)
    if isinstance(error, smtplib.SMTPResponseException):
        return _with_code(error.smtp_code, error.smtp_error, at_the_address=False)
    return Fault(_N, type(error).__name__)


def _with_code(code: int, text: bytes | str, *, at_the_address: bool) -> Fault:
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    fault = smtp_fault(code, words, at_the_address=at_the_address)
    return Fault(fault.whose, f"{fault.words} ({code})")

"""PURE: read an incoming SMS and say what it means. The caller decides what to do.

Carriers act on some words by themselves, and the provider reports this in a field of its own (OptOutType). That
field counts first; this module reads everything else.
"""

import re
import unicodedata
from dataclasses import dataclass, replace

from alerts.messaging.spanish import is_spanish
from patients.tiers import CALL_911, CALL_DOCTOR_NOW


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Carriers and providers act on these words by themselves.
STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
START_WORDS = frozenset({"start", "unstop", "empezar", "comenzar", "reanudar"})
# The answer to a carrier's question whether texts may start again; it answers nothing else.
YES = "yes"
MOST_CHARACTERS = 1600
# STOP in a sentence: one of these words, and no word about anything but messages.
_STOP_HEADS = _words(
    """stop quit unsubscribe unsub stopall cease remove parar pare paren cancelar deje dejen deja basta"""
)
_STOP_ALONE = frozenset(
    {*STOP_WORDS, *_STOP_HEADS, "nomas", "detener", "baja", "nomessages", "notexts"} - {"remove"}
)
_ABOUT_MESSAGES = _words(
    """text texts texting txt txts message messages messaging msg msgs sms contacting list alerts reminders
    mensaje mensajes textos escribir escribirme enviarme mandarme enviar mandar"""
)
_POLITE = _words("please pls plz now thanks thank you it all por favor ya gracias")
_FILLING = _words(
    """me us my phone number these this the those any to from i want no more your off out opt of sending send
    receiving receive get getting would like can could and do not dont de mas quiero recibir los contact
    take"""
)
_NOT = frozenset({"not", "dont", "never", "wont", "doesnt", "no"})
_MOST_STOP_WORDS = 12
# Does not match "I do not get your texts".
_REFUSES = re.compile(
    r"\b(?:do not|dont) (?:want|text|txt|message|msg|send|contact|sms)\b|\bno (?:more|mas|quiero)\b"
    r"|\b(?:take|get) me off\b"
)
_STOP_INSIDE = re.compile(
    r"(?<!not )(?<!dont )(?<!never )(?<!wont )\b(?:stop|quit) "
    r"(?:texting|messaging|contacting|writing to) (?:me|us)\b"
)
# Words that may stand beside a code: they add nothing but "I take it".
_TAKING = _words(
    """ack acknowledge acknowledged take taking took it this one i ill im have got code yes yep yeah ok okay k
    sure on my mine way the here thanks will call calling now alert done confirmed copy roger received"""
)
_CODE = re.compile(r"(?<!\d)(\d{3})[ -]?(\d{3})(?!\d)", re.ASCII)
# The text a phone sends when its owner reacts to one of our messages with a tap.
_TAP = re.compile(
    r"(?:(liked|loved|laughed at|removed an? [\w ]+ from|le gust[oó]|le encant[oó])"
    r"|disliked|emphasized|questioned|reacted (\S+) to|(\S{1,8}) to) [“\"«']",
    re.IGNORECASE,
)
_FRIENDLY = frozenset("👍👌🙏🙂😀😊✅💪👏❤♥🆗")
# Skin colours and joiners of emoji: they carry no meaning.
_SHADES = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f\u200d]")
FINE, WORSE, EMERGENCY = "fine", "worse", "emergency"
# The least tier with which a short answer is answered, whatever became of its log (DF-48).
AT_LEAST = {EMERGENCY: CALL_911, WORSE: CALL_DOCTOR_NOW}
_SHORT = {
    FINE: {"fine", "imfine", "iamfine", "bien", "estoybien"},
    WORSE: {"worse", "imworse", "iamworse", "feelworse", "ifeelworse", "peor", "estoypeor"},
    EMERGENCY: {"911", "call911", "emergency", "emergencia", "sos", "ambulance", "ambulancia", "🆘"},
}
# The same by number, as our question offers them. Only the caller knows whether this person was asked.
_NUMBERED = {
    FINE: {"1", "one", "uno", "1fine", "fine1", "1bien"},
    WORSE: {"2", "two", "dos", "2worse", "worse2", "2peor"},
    EMERGENCY: {"3", "three", "tres", "3emergency", "emergency3", "3emergencia"},
}


@dataclass(frozen=True)
class Meant:
    """The meaning of a message. At most one of code, start and tap is set; stop may come with other words.

    short: fine, worse or emergency, when the message says nothing else. numbered: the same, said by its number
    alone; it counts only for somebody whom we ask that way. more: it has words a person must read.
    by_word: the carrier has acted on the word and answered it. spanish: answer in Spanish.
    """

    code: str = ""
    stop: bool = False
    start: bool = False
    yes: bool = False
    tap: bool = False
    short: str = ""
    numbered: str = ""
    more: bool = False
    by_word: bool = False
    spanish: bool = False


def read(text: str, opt_out: str = "") -> Meant:
    """Read a message; strictly, when it takes an alert or turns texts off.

    opt_out: the provider's own word (STOP, START, HELP). Only the first 1,600 characters count.
    """
    return replace(_read(text, opt_out), spanish=is_spanish(text[:MOST_CHARACTERS]))


def _read(text: str, opt_out: str) -> Meant:
    words = text.strip()[:MOST_CHARACTERS]
    if opt_out.upper() in ("STOP", "START"):
        return Meant(stop=opt_out.upper() == "STOP", start=opt_out.upper() == "START", by_word=True)
    folded = _fold(words)
    plain = re.sub(r"[^a-z0-9🆘]", "", folded)
    if plain in STOP_WORDS:
        return Meant(stop=True, by_word=words.lower() in STOP_WORDS)
    if plain in START_WORDS:
        return Meant(start=True)
    if _wants_no_more(folded, plain):
        return Meant(stop=True)
    if code := _code(words, folded):
        return Meant(code=code)
    if _is_tap(words):
        return Meant(tap=True)
    short, numbered = (
        next((name for name, spellings in table.items() if plain in spellings), "")
        for table in (_SHORT, _NUMBERED)
    )
    stop = bool(_STOP_INSIDE.search(" ".join(_tokens(folded))))
    return Meant(stop=stop, yes=plain == YES, short=short, numbered=numbered, more=bool(words))


def _fold(text: str) -> str:
    """The text in lower case, without accents and apostrophes."""
    parts = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in parts if not unicodedata.combining(letter) and letter not in "'’‘`´")


def _tokens(folded: str) -> list[str]:
    return re.findall(r"[^\W_]+", folded)


def _wants_no_more(folded: str, plain: str) -> bool:
    """Does the message ask for no more texts, and speak of nothing else?"""
    tokens = _tokens(folded)
    if plain in _STOP_ALONE:
        return True
    if not tokens or len(tokens) > _MOST_STOP_WORDS:
        return False
    heads = [place for place, word in enumerate(tokens) if word in _STOP_HEADS]
    if any(place and tokens[place - 1] in _NOT for place in heads):
        return False
    said, about = set(tokens), bool(_ABOUT_MESSAGES & set(tokens))
    if heads and said <= _STOP_HEADS | _POLITE:
        return True
    known = said <= _STOP_HEADS | _POLITE | _FILLING | _ABOUT_MESSAGES
    refuses = bool(heads) or bool(_REFUSES.search(" ".join(tokens)))
    return known and (about and refuses or bool({"opt", "out"} <= said))


def _code(words: str, folded: str) -> str:
    """The one code, alone or beside words of taking. Empty when there is a question, a doubt or another number."""
    found = list(_CODE.finditer(words))
    if len(found) != 1 or "?" in words:
        return ""
    rest = _fold(words[: found[0].start()] + " " + words[found[0].end() :])
    # Tokens without the code, because it may touch a word: "ack482913".
    if not set(_tokens(rest)) <= _TAKING or _unfriendly(rest):
        return ""
    return found[0][1] + found[0][2]


def _unfriendly(text: str) -> bool:
    """Is there an emoji or symbol that may mean more than yes?"""
    return any(
        unicodedata.category(sign) in ("So", "Cn") and sign not in _FRIENDLY for sign in _SHADES.sub("", text)
    )


def _is_tap(words: str) -> bool:
    """Is it a friendly reaction to one of our messages, or friendly emoji alone, without words?"""
    bare = _SHADES.sub("", words).strip()
    if bare and all(sign in _FRIENDLY or sign.isspace() for sign in bare):
        return True
    found = _TAP.match(bare)
    if not found:
        return False
    sign = found[2] or found[3] or ""
    return bool(found[1]) or bool(sign and all(letter in _FRIENDLY for letter in sign))

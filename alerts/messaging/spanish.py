"""PURE: our answers by text in Spanish, for people who write in Spanish. The English text is the key.

No clinician who speaks Spanish has read them yet, nor the Spanish words of the rules (docs/hazards.md, H18).
"""

import re
import unicodedata

_MARKS = re.compile("[ñ¿¡]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Spanish words that are not English words too.
_WORDS = _words(
    """hola gracias favor mas mensaje mensajes parar pare paren cancelar ayuda quiero estoy tengo dolor
    bien peor emergencia ambulancia escribirme mandarme deje dejen necesito una los pierna piernas
    espalda fiebre siento puedo basta detener textos recibir cuando donde porque muy mucho duele llamen
    llame medico clinica empezar comenzar reanudar como para del esta que nomas soy mejor herida
    respirar pecho ya tomo pastilla hoy ayer noche uno dos tres"""
)
ANSWERS = {
    "Nobody waits under this code. Look at the newest message, or open {link}": (
        "Nadie espera con este código. Mire el mensaje más nuevo o abra {link}"
    ),
    "Nobody waits under this code. That was the last try by text for 15 minutes. Please open {link}": (
        "Nadie espera con este código. Fue el último intento por texto en 15 minutos. Abra {link}"
    ),
    "Nothing is taken yet. Reply with the 6 digits of the message, such as 482913. Or open {link}": (
        "Todavía no ha tomado nada. Responda con los 6 números del mensaje, como 482913. O abra {link}"
    ),
    "Nobody reads texts to this number. Call your clinic{phone}. In an emergency call 911.": (
        "Nadie lee los textos a este número. Llame a su clínica{phone}. En una emergencia llame al 911."
    ),
    "You get messages by text again.": "Recibe mensajes de texto otra vez.",
    "You get no more texts from us. To get them again, reply START.": (
        "No recibirá más textos nuestros. Para recibirlos otra vez, responda START."
    ),
    "Nobody can read what you write here but codes.": "Aquí solo se leen códigos, nada más.",
    "Your clinic can read what you write here, but nobody answers by text. In an emergency call 911.": (
        "Su clínica puede leer lo que escribe aquí, pero nadie responde por texto. En una emergencia llame al 911."
    ),
    "Reply 1 for fine, 2 for worse, 3 for help right now.": (
        "Responda 1 si está bien, 2 si está peor, 3 si necesita ayuda ahora mismo."
    ),
    "To reach your clinic, call {phone}.": "Para hablar con su clínica, llame al {phone}.",
    " at {phone}": " al {phone}",
    "Call 911 now.": "Llame al 911 ahora.",
    "Call your clinic now at {phone}. If no one calls you back soon, go to the ER. In an emergency call 911.": (
        "Llame a su clínica ahora al {phone}. Si nadie le llama pronto, vaya a la sala de emergencias. En una"
        " emergencia llame al 911."
    ),
    (
        "Your clinic has your message. Nobody answers by text. If you feel worse, call {phone}. In an emergency:"
        " 911."
    ): (
        "Su clínica tiene su mensaje. Nadie responde por texto. Si se siente peor, llame al {phone}. Emergencia:"
        " 911."
    ),
    "We cannot tell whom it is about, so it is kept for each of you. ": (
        "No sabemos de quién se trata, así que se guarda para cada uno. "
    ),
}


def is_spanish(text: str) -> bool:
    """Is a text in Spanish? It has ñ, ¿ or ¡, or two Spanish words; in a text of one or two words, one word."""
    lower = text.lower()
    if _MARKS.search(lower):
        return True
    plain = "".join(c for c in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(c))
    tokens = re.findall(r"[a-z]+", plain)
    found = sum(token in _WORDS for token in tokens)
    return found >= 2 or (found == 1 and len(tokens) <= 2)


def said(words: str, *, spanish: bool) -> str:
    """The answer, in Spanish when the incoming text was Spanish. KeyError when it has no translation."""
    return ANSWERS[words] if spanish else words

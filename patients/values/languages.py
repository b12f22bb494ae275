"""The languages of patients and helpers. Staff read English."""

ENGLISH = "en"
# Each in its own words, as the switch shows it. To add one: CONTRIBUTING.md, "A language".
LANGUAGES = (("en", "English"), ("es", "Español"))
CODES = tuple(code for code, _ in LANGUAGES)
# How long a browser keeps the language that somebody chose in it.
COOKIE_SECONDS = 365 * 24 * 3600


def known(code: str) -> str:
    """Return the code when it is one of ours, else ""."""
    return code if code in CODES else ""

"""Where this machine's Spanish dictionary is: Debian's. Standard library only: bin/test asks too."""

from pathlib import Path

PACKAGE = "hunspell-es"
# One list holds the words of all countries.
SPANISH = Path("/usr/share/hunspell/es_ES.dic")
NOT_FOUND = f"no Spanish dictionary found: install Debian's {PACKAGE}"


def has_spanish() -> bool:
    """Whether Spanish can be spell-checked here."""
    return SPANISH.exists()

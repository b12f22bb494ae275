"""Where advice comes from, as a reader can look it up: each document once, by its title."""

from collections.abc import Iterable

from recovery.triage.rulebook import source_title


def titles(sources: Iterable[str]) -> list[str]:
    """The titles of the documents behind some source marks such as "healthwise DN-10"; app defaults come last."""
    found: dict[str, None] = {}
    for source in sources:
        found.setdefault(_title(source))
    return sorted(found, key=lambda title: title.startswith("App default"))


def _title(source: str) -> str:
    try:
        return source_title(source.replace("default ", "default:", 1) if source.startswith("default ") else source)
    except KeyError:
        return "App default, not from the documents"

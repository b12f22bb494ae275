"""The sources of advice as titles of documents that a reader can look up, each once."""

from collections.abc import Iterable

from recovery.triage.rulebook import source_title


def titles(sources: Iterable[str]) -> list[str]:
    """Return the document titles of source marks such as "healthwise DN-10", each once; app defaults come last."""
    found: dict[str, None] = {}
    for source in sources:
        found.setdefault(_title(source))
    return sorted(found, key=lambda title: title.startswith("App default"))


def _title(source: str) -> str:
    try:
        return source_title(source.replace("default ", "default:", 1) if source.startswith("default ") else source)
    except KeyError:
        return "App default, not from the documents"

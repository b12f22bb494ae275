"""Read the steps for one promise from docs/runbook.md, for the status page."""

import re
from functools import cache

from django.conf import settings

HEADING = re.compile(r"^## `([a-z-]+)`$", re.MULTILINE)
STEP = re.compile(r"^\d+\. (.+(?:\n {3}.+)*)", re.MULTILINE)


def advice_for(key: str) -> list[str]:
    """Return what to do, step by step."""
    return sections().get(key, [])


@cache
def sections() -> dict[str, list[str]]:
    """Return the numbered steps of each section."""
    parts = HEADING.split((settings.BASE_DIR / "docs" / "runbook.md").read_text(encoding="utf-8"))
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    # Text under another kind of heading is not about the promise.
    texts = {key: text.split("\n## ")[0] for key, text in found.items()}
    return {
        key: [" ".join(step.replace("`", "").split()) for step in STEP.findall(text)]
        for key, text in texts.items()
    }

"""docs/runbook.md as the status page shows it: the steps of one promise, from the one place where they stand."""

import re
from functools import cache

from django.conf import settings

HEADING = re.compile(r"^## `([a-z-]+)`$", re.MULTILINE)
STEP = re.compile(r"^\d+\. (.+(?:\n {3}.+)*)", re.MULTILINE)


def advice_for(key: str) -> list[str]:
    """What to do, step by step."""
    return sections().get(key, [])


@cache
def sections() -> dict[str, list[str]]:
    """The numbered steps of each section."""
    parts = HEADING.split((settings.BASE_DIR / "docs" / "runbook.md").read_text(encoding="utf-8"))
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    # What follows under a heading of another kind is not about the promise.
    texts = {key: text.split("\n## ")[0] for key, text in found.items()}
    return {
        key: [" ".join(step.replace("`", "").split()) for step in STEP.findall(text)]
        for key, text in texts.items()
    }

"""Where this machine's Chromium is. Standard library only: bin/test asks too."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NOT_FOUND = "no Chromium found: install Debian's chromium, or name one in the environment variable CHROMIUM"


def find_chromium() -> str | None:
    """The path of a browser to drive: CHROMIUM if set, else the first known name on the PATH, else None."""
    return next(filter(None, map(shutil.which, (os.environ.get("CHROMIUM") or "", *NAMES))), None)

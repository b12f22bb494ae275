"""Where this machine's WebKit is: Debian's driver, small browser and screen. Standard library only."""

import shutil
from pathlib import Path

PACKAGES = ("webkit2gtk-driver", "xvfb")
DRIVER, SCREEN = "WebKitWebDriver", "Xvfb"
NOT_FOUND = f"no WebKit found: install Debian's {' and '.join(PACKAGES)}"


def small_browser() -> Path | None:
    """The newest MiniBrowser that came with the driver, else None."""
    return max(Path("/usr/lib").glob("*/webkit2gtk-*/MiniBrowser"), default=None)


def has_webkit() -> bool:
    """Whether WebKit can be driven here."""
    return bool(shutil.which(DRIVER) and shutil.which(SCREEN) and small_browser())

"""Play one short scene for each promise of the engine: `python -m faults.scenarios` in a copy of the source.

A scene raises an error when its promise is broken. DATABASE_URL names an empty, migrated database.
"""

import sys
from collections.abc import Callable
from types import ModuleType

import django

django.setup()

from faults.scenes import calls, killed, providers, telling, words, wrong_clocks  # noqa: E402 - settings first
from faults.stage import Stage  # noqa: E402

Scene = Callable[[Stage], None]


def _of(module: ModuleType) -> list[Scene]:
    """The scenes of one module, in the order of its file."""
    return [
        value
        for value in vars(module).values()
        if callable(value)
        and getattr(value, "__module__", "") == module.__name__
        and "stage" in value.__code__.co_varnames[:1]
    ]


SCENES = [scene for module in (killed, telling, providers, calls, wrong_clocks, words) for scene in _of(module)]


def main() -> int:
    """Play all scenes; the first broken promise is printed and ends it. Returns the exit status."""
    for scene in SCENES:
        try:
            scene(Stage())
        except BaseException as error:
            print(f"{scene.__name__} ({type(error).__name__})", flush=True)
            if "--trace" in sys.argv:
                raise
            return 1
    print(f"{len(SCENES)} scenes, every promise kept", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Static files with a hash of their content in their names, also where one script imports another."""

import re
from collections.abc import Iterator
from typing import Any

import rjsmin
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

# A style sheet that begins with others of ours, by their name beside it.
IMPORT = re.compile(r'^@import url\("([a-z0-9_]+\.css)"\);\n', re.MULTILINE)
# What stands in quotes stays as it is; comments go, and the space around what separates.
STYLE = re.compile(r"""("[^"\n]*")|/\*.*?\*/|\s*([{};,])\s*|(?<=:)\s+|\s+""", re.DOTALL)


class ModuleStorage(CompressedManifestStaticFilesStorage):
    """Gives a changed rule book's module a new name, and so every script that imports it.

    Serves a style sheet with those it imports inside it: one request before a page, not three; and sheets and
    scripts without comments and indentation, which are for those who read the sources.
    """

    support_js_module_import_aggregation = True
    # One pass for each step in the longest chain of imports; the default is too low for our scripts.
    max_post_process_passes = 20

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """As everywhere, over style sheets that are whole and scripts that are lean."""
        served = InMemoryStorage()
        for name, (storage, path) in list(paths.items()):
            if not name.startswith(("css/", "js/")):
                continue
            with storage.open(path) as file:
                text = file.read().decode()
            made = lean(joined(text, name, paths)) if name.startswith("css/") else lean_script(text)
            served.save(name, ContentFile(made.encode()))
            paths[name] = (served, name)
        yield from super().post_process(paths, dry_run=dry_run, **options)


def joined(text: str, name: str, paths: dict[str, Any]) -> str:
    """A style sheet with what it imports in the place of the import."""

    def read(found: re.Match[str]) -> str:
        storage, path = paths[f"{name.rpartition('/')[0]}/{found[1]}"]
        with storage.open(path) as file:
            return str(file.read().decode())

    return IMPORT.sub(read, text)


def lean(text: str) -> str:
    """A style sheet without comments and needless space."""

    def kept(found: re.Match[str]) -> str:
        if found[1] or found[2]:
            return found[1] or found[2]
        return " " if found[0].isspace() and found.string[found.start() - 1] != ":" else ""

    return STYLE.sub(kept, text).replace(";}", "}").strip()


def lean_script(text: str) -> str:
    """A script without comments and needless space; what its statements say and the names in it stay."""
    return str(rjsmin.jsmin(text)).strip()

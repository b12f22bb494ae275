"""A hook of MkDocs: the pages at the top of the project belong to the site as well."""

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
AT_THE_TOP = ("README.md", "CONTEXT.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add them, each with its links seen from inside docs/."""
    for name in AT_THE_TOP:
        text = (ROOT / name).read_text().replace("](docs/", "](").replace('src="docs/', 'src="')
        # What is not a page stays a name.
        for other in (".env.example", "LICENSE"):
            text = text.replace(f"[{other}]({other})", f"`{other}`")
        page = "index.md" if name == "README.md" else name
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, **kwargs: Any) -> str:
    """A link from docs/ up to one of them: on the site they stand beside each other."""
    names = "|".join(re.escape(name) for name in AT_THE_TOP if name != "README.md")
    return re.sub(rf"\]\(((?:\.\./)*)\.\./({names})", r"](\1\2", markdown)

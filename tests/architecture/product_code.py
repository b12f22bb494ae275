"""What the product's files say, read and parsed once in a run for every test that looks for something in them."""

import ast
from functools import cache
from pathlib import Path


@cache
def text_of(path: Path) -> str:
    """The text of a file, as it was when it was first asked for."""
    return path.read_text(encoding="utf-8")


@cache
def tree_of(text: str) -> ast.Module:
    """The tree of a module; it is shared, so nobody changes it."""
    return ast.parse(text)


@cache
def nodes_of(text: str) -> tuple[ast.AST, ...]:
    """Every part of a module, from the outside in."""
    return tuple(ast.walk(tree_of(text)))

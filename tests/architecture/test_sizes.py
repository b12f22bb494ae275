"""Small files and functions with one idea each: the limits are tests, so that they hold."""

import ast
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.product_code import nodes_of, text_of

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = ("config", "ops", "patients", "alerts", "recovery")
MAX_FILE_LINES = 250
MAX_FUNCTION_LINES = 50
MAX_TEST_LINES = 45
NOT_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (p for p in (ROOT / folder).rglob("*.py") if "migrations" not in p.parts)


def code_lines(path: Path) -> int:
    """Lines with a token that is neither comment nor docstring; a file that is short altogether is short."""
    text = text_of(path)
    if text.count("\n") <= MAX_FILE_LINES:
        return 0
    words = {
        line
        for node in nodes_of(text)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    with path.open("rb") as stream:
        lines = {t.start[0] for t in tokenize.tokenize(stream.readline) if t.type not in NOT_CODE}
    return len(lines - words)


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in nodes_of(text_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or 0) - node.lineno + 1


def test_no_production_file_is_too_long() -> None:
    long = {str(p.relative_to(ROOT)): n for p in sources(*PRODUCTION) if (n := code_lines(p)) > MAX_FILE_LINES}
    assert long == {}


def test_no_function_is_too_long() -> None:
    long = {name: n for p in sources(*PRODUCTION) for name, n in functions(p) if n > MAX_FUNCTION_LINES}
    assert long == {}


@pytest.mark.slow
def test_tests_are_short() -> None:
    long = {name: n for p in sources("tests") for name, n in functions(p) if n > MAX_TEST_LINES}
    assert long == {}


def test_migrations_have_names_that_say_what_they_do() -> None:
    files = [p.stem for app in PRODUCTION for p in (ROOT / app).glob("migrations/0*.py")]
    assert [name for name in files if "auto" in name] == []

"""A test waits for what happens (tests/waiting.py): a fixed time is too short on a busy machine.

For the same reason no test asks how long something took by a clock on the wall.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from ops.up import ROOT

CLOCKS = {"time", "monotonic", "perf_counter"}
# (file, function): why it may.
MAY = {
    ("tests/waiting.py", "until"): "asks again and again",
    ("tests/waiting.py", "until_async"): "asks again and again",
    ("tests/waiting.py", "drips"): "plays a server that is slow on purpose",
    ("tests/faults/test_wire.py", "said_back"): "how long a wire delays at least is what is tested",
    (
        "tests/ops/test_runbook_of_copies.py",
        "test_the_lines_of_the_runbook_bring_everything_back",
    ): "prints how long it took, and asserts nothing about it",
}


def waits(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The function and the line of every fixed wait and every span of a clock on the wall."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from ((function.name, node.lineno) for node in ast.walk(function) if is_wait(node))


def is_wait(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        # An earlier reading; what is so many seconds old is no span.
        return is_clock(node.left) and isinstance(node.right, ast.Name | ast.Attribute)
    if not isinstance(node, ast.Call):
        return False
    # To sleep for no time lets the others of an event loop go on.
    return called(node) == "wait_for_timeout" or (called(node) == "sleep" and ast.unparse(node.args[0]) != "0")


def is_clock(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and called(node) in CLOCKS and not node.args


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def found_in(path: Path) -> Iterator[tuple[str, str, int]]:
    place = str(path.relative_to(ROOT))
    yield from ((place, *found) for found in waits(ast.parse(path.read_text(encoding="utf-8"))))


def test_no_test_waits_for_a_fixed_time_or_asks_how_long_something_took() -> None:
    found = {one for path in (ROOT / "tests").rglob("*.py") for one in found_in(path)}
    assert sorted(one for one in found if one[:2] not in MAY) == []
    assert {one[:2] for one in found} == MAY.keys()


def test_each_kind_is_seen() -> None:
    told = """
async def story(page, loop):
    time.sleep(1)
    await asyncio.sleep(0)
    await asyncio.sleep(delay)
    page.wait_for_timeout(200)
    assert time.monotonic() - began < 2
    took = loop.time() - began
    until = time.monotonic() + 5
"""
    assert sorted(line for _, line in waits(ast.parse(told))) == [3, 5, 6, 7, 8]

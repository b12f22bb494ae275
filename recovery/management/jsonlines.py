"""Read JSON lines of any content: each line gives a value or the reason why not, and none raises."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TextIO

MAX_LINE_CHARS = 1_000_000

LineId = str | int | None


@dataclass(frozen=True, slots=True)
class LineError:
    """Why a line cannot be used, in one sentence."""

    text: str


class _Strict:
    """Notes what Python's JSON reader accepts silently: repeated keys, and NaN or infinity."""

    def __init__(self) -> None:
        self.problem: str | None = None
        self.decoder = json.JSONDecoder(
            object_pairs_hook=self._object, parse_constant=self._constant, parse_float=self._float
        )

    def _note(self, problem: str) -> None:
        self.problem = self.problem or problem

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            self._note(f"key {twice!r} is given twice")
            if twice == "id":
                found["id"] = None
        return found

    def _constant(self, name: str) -> None:
        self._note(f"{name} is not a number")

    def _float(self, text: str) -> float:
        number = float(text)
        if number in (float("inf"), float("-inf")):
            self._note(f"the number {text[:20]} is too large")
        return number


def read_lines(
    stream: TextIO, max_line_chars: int = MAX_LINE_CHARS
) -> Iterator[tuple[LineId, dict[str, Any] | LineError]]:
    """Yield each non-blank line as (id, object) or (id or None, LineError), in order; no line raises."""
    number = 0
    while line := stream.readline(max_line_chars + 1):
        number += 1
        if len(line) > max_line_chars and not line.endswith("\n"):
            _skip_rest(stream, max_line_chars)
            yield None, LineError(f"line {number}: longer than {max_line_chars} characters")
        elif line.strip("\ufeff \t\r\n"):
            yield _read(line.strip("\ufeff \t\r\n"), number)


def _skip_rest(stream: TextIO, chunk_chars: int) -> None:
    while (rest := stream.readline(chunk_chars)) and not rest.endswith("\n"):
        pass


def _read(line: str, number: int) -> tuple[LineId, dict[str, Any] | LineError]:
    strict = _Strict()
    try:
        line.encode("utf-8")
        value = strict.decoder.decode(line)
    except UnicodeEncodeError:
        # Bytes that are not UTF-8 become lone surrogates.
        return None, LineError(f"line {number}: not UTF-8 text")
    except json.JSONDecodeError as error:
        return None, LineError(f"line {number}: not JSON: {error.msg} at column {error.colno}")
    except (ValueError, RecursionError):
        return None, LineError(f"line {number}: not JSON: a number too long or lists too deep")
    if not isinstance(value, dict):
        return None, LineError(f"line {number}: must be an object")
    line_id = value.get("id")
    if isinstance(line_id, bool) or not isinstance(line_id, str | int):
        return None, LineError(f"line {number}: id: must be text or a whole number, given once")
    return line_id, LineError(strict.problem) if strict.problem else value


@contextmanager
def open_lines(path: str) -> Iterator[TextIO]:
    """Open a file, or standard input for "-", split at line feeds only; OSError when it cannot be opened."""
    # A byte that is not UTF-8 makes only its own line invalid.
    if path != "-":
        with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as stream:
            yield stream
        return
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")
    yield sys.stdin

"""PURE: reads a CSV or XLSX file as rows of text, within bounds. Nothing in a file is ever run.

A cell that begins with = + - or @ is text like any other; of an XLSX formula only the value it showed is read.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from openpyxl import load_workbook

from patients.values.typed_text import clean

ROWS_MOST, COLUMNS_MOST, CELL_MOST = 5000, 60, 500
FILE_BYTES_MOST = 900 * 1024
# An XLSX file is a ZIP: how large it may be unpacked, and how many parts it may have.
UNPACKED_BYTES_MOST, PARTS_MOST = 40 * 1024 * 1024, 300
# Rows without any text that are read before a sheet counts as ended: some programs store a million of them.
EMPTY_MOST = 1000
UTF16 = (b"\xff\xfe", b"\xfe\xff")
ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
DELIMITERS = ",;\t"

TOO_LARGE = f"This file is larger than {FILE_BYTES_MOST // 1024} KB. Split it, or leave out columns."
TOO_MANY_ROWS = f"This file has more than {ROWS_MOST:,} rows. Split it, and import one part after the other."
TOO_MANY_COLUMNS = f"This file has more than {COLUMNS_MOST} columns. Leave out those you do not need."
NO_ROWS = "This file has no rows below its first line. The first line must name the columns."
NOT_A_SHEET = "This is no sheet we can read. Save it as CSV or XLSX (Excel workbook), and choose that file."
OLD = "This is an old Excel file, or has a password. Save it as XLSX without one, and choose that file."


class NotReadable(Exception):
    """The file cannot be read; the text says what to do."""


@dataclass(frozen=True)
class FileLine:
    """One row of the file: its number, as a program for sheets shows it, and its cells."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Sheet:
    """The names of the columns, and all rows that have text in them."""

    header: list[str]
    lines: list[FileLine]


def read_sheet(data: bytes) -> Sheet:
    """Return the sheet in a file; raises NotReadable."""
    if len(data) > FILE_BYTES_MOST:
        raise NotReadable(TOO_LARGE)
    if data.startswith(OLD_EXCEL):
        raise NotReadable(OLD)
    rows = _workbook(data) if data.startswith(ZIP) else _text(data)
    lines = _filled(enumerate(rows, 1))
    header = next(lines, None)
    if header is None:
        raise NotReadable(NO_ROWS)
    found = list(islice(lines, ROWS_MOST + 1))
    if len(found) > ROWS_MOST:
        raise NotReadable(TOO_MANY_ROWS)
    if not found:
        raise NotReadable(NO_ROWS)
    return _squared(header.cells, found)


def _squared(header: list[str], lines: list[FileLine]) -> Sheet:
    """Return the sheet with as many cells in each row as there are columns, without columns that are empty."""
    wide = max(len(header), *(len(line.cells) for line in lines))
    full = [line.cells + [""] * (wide - len(line.cells)) for line in lines]
    names = header + [""] * (wide - len(header))
    used = [n for n in range(wide) if names[n] or any(cells[n] for cells in full)]
    if len(used) > COLUMNS_MOST:
        raise NotReadable(TOO_MANY_COLUMNS)
    kept = [FileLine(line.number, [cells[n] for n in used]) for line, cells in zip(lines, full, strict=True)]
    return Sheet([names[n] or f"Column {n + 1}" for n in used], kept)


def _filled(rows: Iterable[tuple[int, Iterable[Any]]]) -> Iterator[FileLine]:
    """Yield the rows that have text; ends after EMPTY_MOST rows without any."""
    empty = 0
    for number, row in rows:
        cells = [_words(cell) for cell in islice(row, 4 * COLUMNS_MOST)]
        while cells and not cells[-1]:
            cells.pop()
        empty = 0 if cells else empty + 1
        if cells:
            yield FileLine(number, cells)
        if empty > EMPTY_MOST:
            return


def _words(cell: Any) -> str:
    """Return a cell as text: days and times as ISO, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == time() else f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, (date, time)):
        return cell.isoformat()[:10] if isinstance(cell, date) else f"{cell:%H:%M}"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    text = re.sub(r"\s+", " ", clean(str(cell))).strip()[:CELL_MOST]
    # The sign that marks a cell as text, as our own files of rows to fix have it.
    return text[1:] if re.match(r"'[=+@-]", text) else text


def _text(data: bytes) -> Iterator[list[str]]:
    text = _decoded(data)
    if "\0" in text:
        raise NotReadable(NOT_A_SHEET)
    first = next((line for line in text.splitlines() if line.strip()), "")
    # Only what stands outside quotes separates.
    outside = re.sub(r'"[^"]*"?', "", first)
    delimiter = max(DELIMITERS, key=outside.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error:
        raise NotReadable(NOT_A_SHEET) from None


def _decoded(data: bytes) -> str:
    """Return the text: UTF-8 with or without a mark, UTF-16 with one, else Windows-1252."""
    if data.startswith(UTF16):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _workbook(data: bytes) -> Iterator[Iterable[Any]]:
    """Yield the rows of the sheet that was open when the file was saved, with values instead of formulas."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            _refuse_bombs(parts)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = book.active
        # What a file says about its own size may be wrong.
        sheet.reset_dimensions()
        yield from sheet.iter_rows(max_col=4 * COLUMNS_MOST, values_only=True)
    except NotReadable:
        raise
    except Exception:
        # A broken or hostile file fails in many ways inside the libraries; all mean the same to the reader.
        raise NotReadable(NOT_A_SHEET) from None


def _refuse_bombs(parts: zipfile.ZipFile) -> None:
    """Raise NotReadable for a file that unpacks to too much, or that declares types of its own (XML entities)."""
    infos = parts.infolist()
    if len(infos) > PARTS_MOST:
        raise NotReadable(TOO_LARGE)
    left = UNPACKED_BYTES_MOST
    for info in infos:
        seen = b""
        with parts.open(info) as part:
            while left >= 0 and (chunk := part.read(256 * 1024)):
                left -= len(chunk)
                # Also in UTF-16, and where it is cut in two. What people type stands there with &lt; for <.
                seen = seen[-16:] + chunk.replace(b"\0", b"")
                if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
                    raise NotReadable(NOT_A_SHEET)
        if left < 0:
            raise NotReadable(TOO_LARGE)

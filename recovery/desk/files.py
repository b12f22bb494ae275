"""Tables as files to download: CSV and a workbook. A text that begins like a formula stays a text."""

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A spreadsheet reads a cell that begins with one of these as a formula, and so could somebody's name be run.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
WIDEST = 60


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Return a table as CSV. name: of the file, without its ending."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    writer = csv.writer(answer)
    writer.writerow(head)
    writer.writerows([_text(value) for value in row] for row in rows)
    return _named(answer, f"{name}.csv")


def xlsx_file(name: str, title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Return a table as a workbook of one sheet. title: of the sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    made = [list(row) for row in rows]
    for n, label in enumerate(head):
        longest = max((len(str(row[n])) for row in made if n < len(row)), default=0)
        sheet.column_dimensions[chr(ord("A") + n)].width = min(max(longest, len(label)) + 2, WIDEST)
    bold = [WriteOnlyCell(sheet, label) for label in head]
    for cell in bold:
        cell.font = Font(bold=True)
    sheet.append(bold)
    for row in made:
        sheet.append([_cell(sheet, value) for value in row])
    stream = io.BytesIO()
    book.save(stream)
    return _named(HttpResponse(stream.getvalue(), content_type=XLSX), f"{name}.xlsx")


def _cell(sheet: object, value: object) -> object:
    """Return a number as a number; any text as a text, never a formula, without what no workbook may hold."""
    if isinstance(value, int | float):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", str(value)))
    cell.data_type = "s"
    return cell


def _text(value: object) -> object:
    """Return a value for CSV, which has no types: a text that begins like a formula gets an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _named(answer: HttpResponse, name: str) -> HttpResponse:
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer

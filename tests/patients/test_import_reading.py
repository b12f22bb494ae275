"""A file of patients is read as it was meant, or says what to do; nothing in it runs, and none is too large."""

import io
import zipfile
from contextlib import suppress
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from patients.importing import sheet_file, spellings
from patients.importing.columns import guess, lacking, to_remember
from patients.importing.reading import Layout, read_row
from patients.importing.sheet_file import NotReadable, read_sheet
from patients.importing.spellings import Unreadable, order_of, read_day
from patients.models.procedure import LEVELS

TODAY = date(2026, 11, 1)


def xlsx(*rows: list[object]) -> bytes:
    """A workbook with these rows."""
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    "encoded", [("utf-8", "Núñez"), ("utf-8-sig", "Núñez"), ("cp1252", "Núñez"), ("utf-16", "Núñez")]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_text_file_is_read_in_the_usual_encodings_and_delimiters(
    encoded: tuple[str, str], delimiter: str
) -> None:
    encoding, name = encoded
    found = read_sheet(f'Name{delimiter}"Born, day"\r\n{name}{delimiter}1944-04-13\r\n\r\n'.encode(encoding))
    assert found.header == ["Name", "Born, day"]
    assert [(line.number, line.cells) for line in found.lines] == [(2, [name, "1944-04-13"])]


def test_a_workbook_is_read_with_its_days_times_and_numbers() -> None:
    moment = datetime(2026, 11, 20, 10, 5)  # noqa: DTZ001 (as a workbook has it)
    found = read_sheet(
        xlsx(
            ["Name", "Born", "Ended", "Record", None, "At"],
            ["Änne", date(1944, 4, 13), moment, 21007.0, None, time(9, 30)],
        )
    )
    assert found.header == ["Name", "Born", "Ended", "Record", "At"]
    assert found.lines[0].cells == ["Änne", "1944-04-13", "2026-11-20 10:05", "21007", "09:30"]


def test_a_formula_is_never_run() -> None:
    """Of a workbook only the value counts that was shown, and here no program ever showed one."""
    assert read_sheet(xlsx(["A", "B"], ["x", '=HYPERLINK("http://example.org")'])).lines[0].cells == ["x", ""]
    csv = read_sheet(b"A,B\n=1+1,@SUM(1)\n-1,'+1 312 555 0142\n")
    assert [line.cells for line in csv.lines] == [["=1+1", "@SUM(1)"], ["-1", "+1 312 555 0142"]]


def bomb(parts: int, size: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for number in range(parts):
            made.writestr(f"xl/{number}.xml", b"0" * size)
    return file.getvalue()


def doctype(before: int = 0, encoding: str = "utf-8") -> bytes:
    file = io.BytesIO()
    words = f'<?xml version="1.0"?><!--{"x" * before}--><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("xl/workbook.xml", words.encode(encoding))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no rows"),
        (b"Name,Born\n\n", "no rows"),
        (b"x" * (sheet_file.FILE_BYTES_MOST + 1), "larger"),
        (b"A\n" + b"1\n" * (sheet_file.ROWS_MOST + 1), "more than 5,000 rows"),
        (",".join("abc" for _ in range(61)).encode() + b"\n1", "more than 60 columns"),
        (sheet_file.OLD_EXCEL + b"0" * 600, "old Excel file"),
        (b"a,b\n\0\0\0", "no sheet we can read"),
        (sheet_file.ZIP + b"broken", "no sheet we can read"),
        (bomb(1, sheet_file.UNPACKED_BYTES_MOST + 1), "larger"),
        (bomb(301, 1), "larger"),
        (doctype(), "no sheet we can read"),
        (doctype(256 * 1024 - 30), "no sheet we can read"),
        (doctype(300 * 1024, "utf-16"), "no sheet we can read"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(data: bytes, words: str) -> None:
    with pytest.raises(NotReadable, match=words):
        read_sheet(data)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    try:
        found = read_sheet(data)
    except NotReadable:
        return
    assert all(len(line.cells) == len(found.header) for line in found.lines)
    assert all(len(cell) <= sheet_file.CELL_MOST for line in found.lines for cell in line.cells)


FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y", "%m-%d-%Y", "%b %d, %Y", "%d %b %Y", "%B %d %Y", "%Y%m%d")


@given(st.dates(date(1920, 1, 1), TODAY), st.sampled_from(FORMS))
def test_a_day_is_read_in_every_usual_spelling(day: date, form: str) -> None:
    assert read_day(day.strftime(form), day_first=False, today=TODAY) == day
    assert read_day(day.strftime("%d.%m.%Y"), day_first=True, today=TODAY) == day


@given(st.lists(st.dates(date(1920, 1, 1), TODAY), min_size=1, max_size=8), st.booleans())
def test_a_column_says_how_it_writes_days_or_is_asked_about(days: list[date], day_first: bool) -> None:
    cells = [day.strftime("%d/%m/%Y" if day_first else "%m/%d/%Y") for day in days]
    order = order_of(cells)
    if any(day.day > 12 for day in days):
        assert (order.day_first, order.asked) == (day_first, False)
    else:
        assert order.asked == any(day.day != day.month for day in days)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("13/04/1944", "No month 13. Write 1944-04-13?"),
        ("02/30/1944", "no day of the calendar"),
        ("soon", "no date"),
        ("1944", "no date"),
    ],
)
def test_a_day_that_is_none_says_how_to_write_it(cell: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words.replace("?", r"\?")):
        read_day(cell, day_first=False, today=TODAY)


def test_two_digits_of_a_year_mean_a_living_person() -> None:
    born = {cell: read_day(cell, day_first=False, today=TODAY, born=True).year for cell in ("4/13/44", "4/13/05")}
    assert born == {"4/13/44": 1944, "4/13/05": 2005}


def test_levels_are_read_alone_and_in_ranges() -> None:
    cases = {
        "T12, L1": "T12 L1",
        "t11-L1": "T11 T12 L1",
        "L2-4": "L2 L3 L4",
        "T7 to T9": "T7 T8 T9",
        "l2/l3": "L2 L3",
    }
    assert {cell: " ".join(spellings.read_levels(cell)) for cell in cases} == cases
    assert spellings.read_levels(", ".join(LEVELS)) == LEVELS
    for wrong in ("L7", "T13", "C2", "T1-T2-T3"):
        with pytest.raises(Unreadable):
            spellings.read_levels(wrong)


@given(st.text(max_size=40))
def test_no_cell_breaks_a_reader(cell: str) -> None:
    for read in (spellings.read_levels, spellings.read_time, spellings.read_yes, spellings.read_language):
        with suppress(Unreadable):
            read(cell)
    columns = dict.fromkeys(("full_name", "birth_date", "ended_on", "levels", "phone"), 0)
    row = read_row([cell], Layout(columns, {}, None, TODAY))
    assert row.shown().keys() >= {"name", "birth_date"}


def test_columns_are_known_by_usual_names_and_by_what_was_confirmed_before() -> None:
    header = ["Last Name", "First Name", "DOB", "MRN", "Cell phone", "Surgery date", "Room"]
    found = guess(header, {})
    assert found == {
        "last_name": 0, "first_name": 1, "birth_date": 2, "mrn": 3, "phone": 4, "ended_on": 5,
    }  # fmt: skip
    assert lacking(found) == []
    changed = {**found, "surgeon": 6}
    assert guess(header, to_remember(header, changed)) == changed
    # A column that was said to be of no use stays unused.
    del changed["phone"]
    assert "phone" not in guess(header, to_remember(header, changed))
    assert any("mobile phone" in words for words in lacking(changed))

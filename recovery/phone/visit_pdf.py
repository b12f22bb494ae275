"""The page for a visit as a PDF file, to print, keep or send to another doctor. Pure: words in, bytes out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from recovery.phone.pain_chart import HEIGHT, LEFT, RIGHT, WIDTH, PainChart

FONT, FONTS = "DejaVu", Path(__file__).parent / "fonts"
# Letter paper, in millimetres, with room for a hole punch.
PAPER, MARGIN = "Letter", 18
TEXT, HEADING, TITLE = 11, 14, 20
CHART_WIDTH = 120
# Height of a line, in heights of its letters.
LEADING = 1.3
# Shown for a letter that the font does not have.
UNKNOWN = "□"


@dataclass(frozen=True)
class Section:
    """One heading with its lines; a ticked list has a box before each line, to tick with a pen."""

    title: str
    lines: Sequence[str]
    ticked: bool = False


@dataclass(frozen=True)
class Sheet:
    """All words of the file. rows: the table of logs, its heading first. chart_words: what the drawing shows."""

    language: str
    made_at: datetime
    title: str
    lines: Sequence[str]
    sections: Sequence[Section]
    chart: PainChart | None = None
    chart_title: str = ""
    chart_words: str = ""
    rows_title: str = ""
    rows: Sequence[Sequence[str]] = field(default=())
    # Below each page, beside its number.
    foot: str = ""


class _Pdf(FPDF):
    """Our paper: a font with the letters of Europe, and a line below each page."""

    foot = ""

    def footer(self) -> None:
        """Draw the line below the page; the library calls this."""
        self.set_y(-MARGIN)
        self.set_font(FONT, size=9)
        self.cell(0, 8, f"{self.foot}  {self.page_no()}/{{nb}}", align="C")


def visit_pdf(sheet: Sheet) -> bytes:
    """Return the file: text that can be searched and read aloud, with title, language and bookmarks."""
    pdf = _begun(sheet)
    pdf.set_font(FONT, "B", TITLE)
    pdf.start_section(readable(sheet.title))
    _write(pdf, sheet.title)
    pdf.set_font(FONT, size=TEXT)
    for line in sheet.lines:
        _write(pdf, line)
    for section in sheet.sections:
        _heading(pdf, section.title)
        for line in section.lines:
            _write(pdf, f"□  {line}" if section.ticked else line)
    if sheet.chart:
        _heading(pdf, sheet.chart_title)
        _write(pdf, sheet.chart_words)
        _draw(pdf, sheet.chart)
    if len(sheet.rows) > 1:
        _heading(pdf, sheet.rows_title)
        _table(pdf, sheet.rows)
    return bytes(pdf.output())


def _begun(sheet: Sheet) -> _Pdf:
    pdf = _Pdf(format=PAPER)
    pdf.foot = readable(sheet.foot)
    pdf.set_margin(MARGIN)
    pdf.set_auto_page_break(True, margin=MARGIN + 6)
    pdf.set_title(readable(sheet.title))
    pdf.set_lang(sheet.language)
    pdf.set_creation_date(sheet.made_at)
    pdf.add_font(FONT, "", FONTS / "DejaVuSans.ttf")
    pdf.add_font(FONT, "B", FONTS / "DejaVuSans-Bold.ttf")
    pdf.add_page()
    return pdf


def _heading(pdf: FPDF, title: str) -> None:
    pdf.ln(4)
    # A heading never stands alone at the end of a page.
    if pdf.will_page_break(24):
        pdf.add_page()
    pdf.set_font(FONT, "B", HEADING)
    pdf.start_section(readable(title), level=1)
    _write(pdf, title)
    pdf.set_font(FONT, size=TEXT)


def _write(pdf: FPDF, words: str) -> None:
    pdf.multi_cell(0, pdf.font_size * LEADING, readable(words), new_x="LMARGIN", new_y="NEXT", align="L")
    pdf.ln(1)


def _draw(pdf: FPDF, chart: PainChart) -> None:
    """Draw the curve as the page does; its words stand above it for whoever cannot see it."""
    scale = CHART_WIDTH / WIDTH
    if pdf.will_page_break(HEIGHT * scale):
        pdf.add_page()
    left, top = pdf.l_margin, pdf.get_y()
    pdf.set_font(FONT, size=8)
    pdf.set_draw_color(190)
    for score, y in chart.lines:
        pdf.line(left + LEFT * scale, top + y * scale, left + (WIDTH - RIGHT) * scale, top + y * scale)
        pdf.text(left, top + y * scale + 1, str(score))
    pdf.set_draw_color(13, 87, 82)
    pdf.set_line_width(0.6)
    places = [(left + point.x * scale, top + point.y * scale) for point in chart.points]
    pdf.polyline(places)
    for x, y in places:
        pdf.circle(x, y, 0.9, style="D")
    pdf.set_line_width(0.2)
    pdf.set_draw_color(0)
    pdf.set_y(top + HEIGHT * scale)
    pdf.set_font(FONT, size=TEXT)


def _table(pdf: FPDF, rows: Sequence[Sequence[str]]) -> None:
    head = FontFace(emphasis="BOLD")
    lines = TableBordersLayout.HORIZONTAL_LINES
    height = pdf.font_size * LEADING
    with pdf.table(
        headings_style=head, borders_layout=lines, text_align="LEFT", padding=1.2, line_height=height
    ) as table:
        for row in rows:
            line = table.row()
            for words in row:
                line.cell(readable(words))


def readable(words: str) -> str:
    """Return the words with a box for each letter that the font lacks, such as an emoji."""
    return "".join(letter if letter in "\n" or ord(letter) in _letters() else UNKNOWN for letter in words)


@cache
def _letters() -> frozenset[int]:
    """Return the letters that both fonts have."""
    fonts = [TTFont(FONTS / name) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")]
    return frozenset.intersection(*(frozenset(font.getBestCmap()) for font in fonts))

"""manage.py draw_icons: write the PNG icons of the installed app from static/icons/icon.svg."""

import re
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from PIL import Image, ImageDraw

# Drawn this much larger and then made smaller, so that round edges are smooth.
FINER = 4
# Two colours and the shades between them, so that a file stays small.
COLOURS = 64
# Our drawing: one disc, and level lines on it. A drawing with other parts must be taught here first.
DISC = re.compile(r'<circle cx="16" cy="16" r="16" fill="(#[0-9a-f]{6})"/>')
LINES = re.compile(r'<path d="([^"]+)" stroke="(#[0-9a-f]{6})" stroke-width="([0-9.]+)"')
LINE = re.compile(r"M([0-9.]+) ([0-9.]+)h([0-9.]+)")
BOX = 32
# File, side in pixels, whether the colour fills the whole square, how much of the square the drawing takes. A
# phone may cut a maskable icon to a circle of 80 %, and an Apple phone rounds the corners by itself.
ICONS = (
    ("icon-192.png", 192, False, 1.0),
    ("icon-512.png", 512, False, 1.0),
    ("icon-maskable-512.png", 512, True, 0.8),
    ("apple-touch-icon.png", 180, True, 0.9),
)


def drawn(svg: str, side: int, *, full: bool, share: float) -> Image.Image:
    """Return the drawing as a square picture. Raises ValueError for an SVG with a part that is not known here."""
    disc, lines = DISC.search(svg), LINES.search(svg)
    if disc is None or lines is None:
        raise ValueError("icon.svg is no disc with lines on it")
    large = side * FINER
    picture = Image.new("RGBA", (large, large), disc[1] if full else "#00000000")
    pen, scale = ImageDraw.Draw(picture), large * share / BOX
    edge = (large - BOX * scale) / 2
    if not full:
        pen.ellipse((0, 0, large - 1, large - 1), fill=disc[1])
    half = float(lines[3]) / 2
    for x, y, length in (map(float, line) for line in LINE.findall(lines[1])):
        left, top, right, bottom = x - half, y - half, x + length + half, y + half
        box = [edge + scale * at for at in (left, top, right, bottom)]
        pen.rounded_rectangle(box, radius=half * scale, fill=lines[2])
    return picture.resize((side, side), Image.Resampling.LANCZOS)


class Command(BaseCommand):
    """Run this after the drawing changed."""

    help = "Write the PNG icons from static/icons/icon.svg."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write each icon beside the drawing."""
        icons = settings.BASE_DIR / "static" / "icons"
        svg = (icons / "icon.svg").read_text(encoding="utf-8")
        for name, side, full, share in ICONS:
            picture = drawn(svg, side, full=full, share=share)
            picture.quantize(COLOURS).save(icons / name, optimize=True)

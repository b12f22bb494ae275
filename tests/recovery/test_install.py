"""What a phone needs to install the app: a whole manifest, and icons of the sizes that it asks for."""

import json
from pathlib import Path

import pytest
from django.urls import resolve
from PIL import Image

from recovery.management.commands.draw_icons import COLOURS, ICONS, drawn

STATIC = Path(__file__).resolve().parents[2] / "static"
ICON = STATIC / "icons"
MANIFEST = json.loads((STATIC / "manifest.webmanifest").read_text())


def picture(name: str) -> Image.Image:
    return Image.open(ICON / name).convert("RGBA")


def test_the_manifest_has_all_that_browsers_ask_for_before_they_install() -> None:
    assert {"name", "short_name", "id", "start_url", "scope", "display", "lang", "icons"} <= MANIFEST.keys()
    assert MANIFEST["display"] == "standalone"
    assert MANIFEST["start_url"].startswith(MANIFEST["scope"])
    for address in (MANIFEST["start_url"], *(entry["url"] for entry in MANIFEST["shortcuts"])):
        assert resolve(address).namespace == "recovery"


def test_each_icon_of_the_manifest_has_the_size_and_kind_it_says() -> None:
    pngs = [entry for entry in MANIFEST["icons"] if entry["type"] == "image/png"]
    for entry in pngs:
        with Image.open(STATIC / entry["src"]) as icon:
            assert (icon.format, "{}x{}".format(*icon.size)) == ("PNG", entry["sizes"]), entry
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} == {
        (entry["sizes"], entry["purpose"]) for entry in pngs
    }
    assert all((STATIC / entry["src"]).exists() for entry in MANIFEST["icons"])


@pytest.mark.parametrize(("name", "side", "full", "share"), ICONS)
def test_each_icon_is_drawn_from_the_drawing(name: str, side: int, full: bool, share: float) -> None:
    there = picture(name)
    assert there.size == (side, side)
    fresh = drawn((ICON / "icon.svg").read_text(), side, full=full, share=share).quantize(COLOURS).convert("RGBA")
    assert there.tobytes() == fresh.tobytes(), "run manage.py draw_icons"


@pytest.mark.parametrize("name", ["icon-maskable-512.png", "apple-touch-icon.png"])
def test_an_icon_whose_corners_a_phone_cuts_is_full_to_the_edge(name: str) -> None:
    corners = picture(name)
    last = corners.width - 1
    seen = {corners.getpixel(at) for at in [(0, 0), (last, 0), (0, last), (last, last)]}
    assert len(seen) == 1
    assert corners.getextrema()[3] == (255, 255)


def test_what_is_drawn_on_the_maskable_icon_lies_in_the_circle_that_every_phone_shows() -> None:
    icon = picture("icon-maskable-512.png")
    ground, middle = icon.getpixel((0, 0)), icon.width / 2
    far = [
        (x, y)
        for x in range(icon.width)
        for y in range(icon.height)
        if icon.getpixel((x, y)) != ground and (x - middle) ** 2 + (y - middle) ** 2 > (0.4 * icon.width) ** 2
    ]
    assert far == []


def test_a_drawing_with_unknown_parts_is_refused() -> None:
    with pytest.raises(ValueError, match="no disc"):
        drawn("<svg><rect/></svg>", 192, full=False, share=1.0)

"""The picture of a body: a second way to the list of places, never an answer of its own."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.barriers import of_a_patient as violations
from tests.browser.offline import kept
from tests.browser.phone import at, phone
from tests.people import Cast, cast
from tests.recovery.phone import user_of
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
PICTURE = "#div_id_numb_where svg"


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast()


def meant(page: Page) -> set[str | None]:
    """The places that are filled in."""
    shapes = page.locator(f"{PICTURE} [data-place]").all()
    return {one.get_attribute("data-place") for one in shapes if one.get_attribute("fill-opacity") != "0"}


def test_a_tap_on_the_body_taps_the_list_and_the_list_fills_the_body(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/log/")
        expect(page.locator("svg.body")).to_have_count(0)
        at(page, "[name=numb]").check(force=True)
        legs = page.locator("[name=numb_where][value=legs]")
        page.locator(f"{PICTURE} [data-place=legs]").last.click(position={"x": 15, "y": 30})
        expect(legs).to_be_checked()
        assert meant(page) == {"legs"}
        legs.uncheck(force=True)
        page.locator("[name=numb_where][value=belly]").check(force=True)
        assert meant(page) == {"belly"}
        # Who reads by ear or by keyboard has the list: nothing of the picture is said or reached.
        assert page.locator(PICTURE).get_attribute("aria-hidden") == "true"
        assert page.locator(f"{PICTURE} :is(a, button, [tabindex])").count() == 0
        for place in page.locator(f"{PICTURE} [data-place]").all():
            box = place.bounding_box()
            assert box
            assert min(box["width"], box["height"]) >= 48
        assert violations(page) == []


def test_a_half_filled_log_comes_back_with_its_body(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient), locale="es-US") as page:
        page.goto("/log/")
        at(page, "[name=numb]").check(force=True)
        page.locator("[name=numb_where][value=treated_area]").check(force=True)
        until(lambda: kept(page, "draft"), page=page)
        page.goto("/log/")
        at(page, "[name=numb_where][value=treated_area]")
        expect(page.locator(f"{PICTURE} [data-place=treated_area]")).to_have_attribute("fill-opacity", "0.8")
        expect(page.locator(PICTURE)).to_contain_text("De espaldas")

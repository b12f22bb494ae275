"""The shift sheet on a screen and on paper: no barrier, nothing too wide, no colour needed."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.desk import DESK, PHONE, log_now, too_wide, violations
from tests.browser.phone import phone
from tests.people import cast, make_patient, make_procedure
from tests.recovery.conftest import BREATHLESS, NUMB

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_sheet_is_read_and_printed(
    browser: Browser, live_server: LiveServer, transactional_db: None, settings: Any, size: Any, scheme: str
) -> None:
    settings.STAFF_SECOND_FACTOR = False
    people = cast()
    long = make_patient(people.clinic, "Bartholomew-Alexander", last_name="Featherstonehaugh-Cholmondeley")
    log_now(people.patient, people.procedure, **NUMB)
    log_now(long, make_procedure(long), **BREATHLESS)
    options = {"viewport": size, "color_scheme": scheme}
    with phone(browser, live_server.url, people.nurse.user, **options) as page:
        page.goto("/desk/shift-sheet/")
        assert (violations(page), too_wide(page)) == ([], 0)
        page.emulate_media(media="print")
        expect(page.get_by_role("navigation", name="Desk")).to_be_hidden()
        expect(page.get_by_role("link", name="End of my shift")).to_be_hidden()
        expect(page.get_by_text("Done, when, initials").first).to_be_visible()
        inks = page.eval_on_selector_all(".sheet .tier", "marks => marks.map(m => getComputedStyle(m).color)")
        assert set(inks) == {"rgb(0, 0, 0)"}
        assert too_wide(page) == 0

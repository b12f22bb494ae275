"""Words, colours and times every page shares."""

from datetime import UTC, datetime

from django.template import Context, Template
from phonenumber_field.phonenumber import PhoneNumber

from patients.templatetags import kypho
from patients.tiers import TIERS

AT = datetime(2026, 11, 21, 15, 9, tzinfo=UTC)


def shown(text: str, **context: object) -> str:
    return Template("{% load kypho %}" + text).render(Context(context))


def test_a_moment_is_shown_on_the_clocks_of_a_zone() -> None:
    assert shown('{{ at|in_zone:"America/Chicago"|clock }}', at=AT) == "9:09 AM"
    assert shown('{{ at|in_zone:"Asia/Tokyo"|day_and_clock }}', at=AT) == "Sun Nov 22, 12:09 AM"
    assert shown('{{ at|in_zone:"America/Chicago"|day }}', at=AT) == "Sat Nov 21"


def test_no_moment_is_no_words() -> None:
    assert shown('{{ at|in_zone:"America/Chicago"|day_and_clock }}', at=None) == ""


def test_a_tier_is_colour_icon_and_word_together() -> None:
    for tier in TIERS:
        html = shown("{% tier t %}", t=tier)
        assert kypho.tier_label(tier) in html
        assert kypho.tier_class(tier) in html
        assert "<path" in html or "<circle" in html


def test_an_unknown_tier_is_no_log_yet() -> None:
    assert "No log yet" in shown("{% tier t %}", t="")


def test_a_phone_number_is_dialled_whole_and_read_locally() -> None:
    number = PhoneNumber.from_string("+13125550100")
    assert (kypho.tel(number), kypho.phone_words(number)) == ("tel:+13125550100", "(312) 555-0100")

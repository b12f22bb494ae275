"""A broken cards.toml refuses to load and says where."""

from importlib.resources import files

import pytest

from recovery.management.cards_handbook import hard_to_read
from recovery.plan import cards_book
from recovery.plan.cards_book import CardsError, default_cards, read_cards

TEXT = files(cards_book.__package__).joinpath("cards.toml").read_text("utf-8")
SLEEP = 'title = "Sleep helps you heal"'


def refused(old: str, new: str) -> str:
    """What is said of the file after one change of its text."""
    assert old in TEXT
    with pytest.raises(CardsError) as error:
        read_cards(TEXT.replace(old, new, 1))
    return str(error.value)


def test_the_file_we_ship_is_whole() -> None:
    assert read_cards(TEXT) == default_cards()


def test_bad_toml_is_refused_with_its_line() -> None:
    line = TEXT[: TEXT.index(SLEEP)].count("\n") + 1
    assert f"at line {line}," in refused(SLEEP, "title = Sleep")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (SLEEP, f'{SLEEP}\nneed = ["pt_ordered"]', "cards.toml: CARD-SLEEP: unknown key 'need'"),
        (SLEEP, 'title = ""', "cards.toml: CARD-SLEEP: the title must be 1 to 60 letters"),
        (SLEEP, 'title = "A dose of sleep"', "cards.toml: CARD-SLEEP: the word 'dose' may not be used"),
        (SLEEP, 'title = "New breaks are Rare"', "cards.toml: CARD-SLEEP: the word 'Rare' may not be used"),
        ('today_if = ["slept_badly"]', 'today_if = ["slept"]', "cards.toml: CARD-SLEEP: there is no test 'slept'"),
        ('"CARD-SLEEP"\ngroup = "care"', '"CARD-SLEEP"\ngroup = "night"', "CARD-SLEEP: there is no group 'night'"),
        ('id = "CARD-SLEEP"', 'id = "CARD-REST"', "cards.toml: CARD-REST: this id stands 2 times"),
        ('sources = ["verywell LT-07"]', "sources = []", "cards.toml: CARD-SMOKE: names no source"),
        ("today = [22, 25]", "today = [25, 22]", "cards.toml: CARD-SMOKE: today must be two days"),
        ("until_day = 21", "until_day = -1", "CARD-BANDAGE: from_day and until_day must be whole days"),
        ('for = "patient"', 'for = "nurse"', "cards.toml: CARD-LET-HELP: for must be one of patient, helper, all"),
        ('phase = "before"', 'phase = "soon"', "cards.toml: CARD-BEFORE-LIST: phase must be one of"),
        (
            'text = "Why did my bone break?"',
            'text = ""',
            "cards.toml: ASK-CAUSE: the text must be 1 to 500 letters",
        ),
    ],
)
def test_a_broken_entry_is_refused_with_its_id_and_the_reason(old: str, new: str, told: str) -> None:
    assert told in refused(old, new)


def test_a_file_without_cards_is_refused() -> None:
    with pytest.raises(CardsError, match="cards.toml: has no groups, forbidden, tests, card, question"):
        read_cards("")


def test_a_card_that_is_hard_to_read_is_named_with_its_grade() -> None:
    hard = TEXT.replace(
        "Give yourself time to sleep.", "Prioritize uninterrupted restorative nocturnal recuperation" * 3
    )
    assert list(hard_to_read(default_cards())) == []
    assert "cards.toml: CARD-SLEEP: the text reads at grade" in "\n".join(hard_to_read(read_cards(hard)))

"""The number of a row as a form or an address sends it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.values.row_numbers import row_number


@given(st.integers(min_value=0, max_value=10**18 - 1))
def test_every_number_a_table_gets_to_is_read(number: int) -> None:
    """After a restore numbers go on far above the old ones: nine digits were too few."""
    assert row_number(str(number)) == number


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    assert row_number(text) is None or text.isascii()


@pytest.mark.parametrize("typed", ["", "x", "-1", "1.0", " 1", "\u00b2", "\u0661", "1" * 19])
def test_nothing_else_is_a_number(typed: str) -> None:
    assert row_number(typed) is None

"""Staff choose passwords that are not guessed soon; what is refused says what to take instead."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from patients.models import User
from patients.sign_in.staff_links import password_link
from tests.patients.pages import text
from tests.people import Cast

NORA = User(first_name="Nora", last_name="Whitfield", email="nora.whitfield@example.org")


@pytest.mark.parametrize(
    "weak",
    [
        "password123456",
        "qwertyuiop1234",
        "Summer2026Summer",
        "iloveyou12345678",
        "111111111111111",
        "whitfieldnora1980",
        "Kyphoplasty2026!",
        "1q2w3e4r5t6y7u8i",
    ],
)
def test_what_is_guessed_soon_is_refused(weak: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(weak, NORA)


@pytest.mark.parametrize("good", ["correct horse battery staple", "teapot-violin-42-gravel", "x7#Lw9!qRt2$Vb"])
def test_words_that_have_nothing_to_do_with_each_other_are_taken(good: str) -> None:
    validate_password(good, NORA)


def test_a_very_long_one_is_looked_at_in_no_time_and_taken() -> None:
    validate_password("teapot violin gravel " * 200, NORA)


@pytest.mark.django_db
def test_the_page_says_what_to_take_instead(people: Cast) -> None:
    client, user = Client(), people.nurse.user
    form = client.get(password_link(user).removeprefix("http://testserver"), follow=True).redirect_chain[-1][0]
    answer = client.post(form, {"password1": "password123456", "password2": "password123456"})
    assert "Take four or more words" in text(answer)
    user.refresh_from_db()
    assert not user.has_usable_password()

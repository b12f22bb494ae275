"""Every number that keeps strangers out, written out: it is changed here too, on purpose (docs/asvs.md)."""

from datetime import timedelta

from django.conf import settings

from config import hashing, refusals
from ops import http1
from patients.sign_in import limits, proofs
from patients.sign_in.passwords import SAFE_SCORE

KB = 1024


def test_how_often_a_stranger_may_try() -> None:
    assert limits.LIMITS == {
        "code": "20/m,200/h",
        "guess": "60/m",
        "code_pair": "3/m,10/h",
        "guess_pair": "5/5m,30/d",
        "guess_day": "100/d",
        "search": "60/m,300/h",
        "export": "20/m,100/h",
        "calendar": "10/m,60/h",
        "calendar_guess": "30/m,200/h",
        "new_colleague": "30/h",
        "link_by_a_manager": "5/m",
    }
    assert (settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS, refusals.EACH_PER_HOUR) == (5, 20)
    assert (hashing.AT_ONCE, hashing.WAITING, SAFE_SCORE) == (1, 1, 4)


def test_how_long_something_that_was_shown_counts() -> None:
    assert settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT == 600
    assert timedelta(seconds=settings.SESSION_COOKIE_AGE) == timedelta(days=180)
    assert (timedelta(hours=12), timedelta(minutes=5)) == (proofs.SHIFT, proofs.LATELY)
    assert settings.STAFF_IDLE_MINUTES == 15


def test_how_much_is_read_of_what_a_stranger_sends() -> None:
    assert (http1.BODY_BYTES, settings.DATA_UPLOAD_MAX_MEMORY_SIZE) == (1024 * KB, 512 * KB)
    assert settings.DATA_UPLOAD_MAX_NUMBER_FIELDS == 300

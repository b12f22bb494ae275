"""Locking one text: what opens it, and what does not."""

import base64
import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.vault.keys import NoKeys, Unopened, is_locked, key_id, lock, read_keys, unlock


def new_key() -> str:
    """As a person makes one."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200), st.text(max_size=40))
def test_what_was_locked_opens_again_and_shows_nothing(plain: str, place: str) -> None:
    stored = lock(plain, "p" + place.encode("utf-8", "ignore").decode())
    assert is_locked(stored)
    assert len(plain) < 4 or plain not in stored
    assert unlock(stored, "p" + place.encode("utf-8", "ignore").decode()) == plain


def test_the_same_secret_never_looks_the_same_twice() -> None:
    assert lock("one", "here") != lock("one", "here")


def test_it_opens_in_no_other_place() -> None:
    with pytest.raises(Unopened, match="locked for another place"):
        unlock(lock("mine", "seat:1"), "seat:2")


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_changed_letter_is_seen(where: int, flip: int) -> None:
    head, _, data = lock("whsec_abc", "here").rpartition(":")
    raw = bytearray(base64.urlsafe_b64decode(data))
    raw[where % len(raw)] ^= flip
    with pytest.raises(Unopened):
        unlock(f"{head}:{base64.urlsafe_b64encode(bytes(raw)).decode()}", "here")


@pytest.mark.parametrize("rest", ["", ":", ":???", ":AAAA", ":é"])
def test_what_was_cut_is_no_crash(rest: str) -> None:
    with pytest.raises(Unopened):
        unlock(f"locked1:{key_id(lock('x', 'here'))}{rest}", "here")


def test_the_newest_key_locks_and_all_of_them_open(settings: Any) -> None:
    old, new = new_key(), new_key()
    settings.DATA_KEYS = [old]
    stored = lock("mine", "here")
    settings.DATA_KEYS = [new, old]
    assert unlock(stored, "here") == "mine"
    assert key_id(lock("x", "here")) == read_keys([new])[0].id != key_id(stored)
    settings.DATA_KEYS = [new]
    with pytest.raises(Unopened, match=f"locked with key {read_keys([old])[0].id}, which DATA_KEYS does not have"):
        unlock(stored, "here")


def test_without_a_key_nothing_is_locked(settings: Any) -> None:
    settings.DATA_KEYS = []
    with pytest.raises(NoKeys, match="DATA_KEYS is not set"):
        lock("mine", "here")


def test_no_message_names_a_secret(settings: Any) -> None:
    settings.DATA_KEYS = [key := new_key()]
    stored = lock("hunter2", "here")
    settings.DATA_KEYS = [new_key()]
    with pytest.raises(Unopened) as refused:
        unlock(stored, "here")
    assert key not in str(refused.value)
    assert stored not in str(refused.value)

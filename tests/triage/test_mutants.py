"""Would anybody notice? The rule book and both engines are broken in small ways, and the comparison must see each.

The same wrongs each run; MUTANT_SEED and MUTANTS choose others, and more of them.
"""

import os
import shutil
from pathlib import Path
from random import Random

import pytest

from recovery.management.phone_engine import Phone
from recovery.triage.problem import RulebookError
from tests.triage import mutants_phone, mutants_rulebook
from tests.triage.compact import compact_cases
from tests.triage.counter import Counter
from tests.triage.mutants import chosen
from tests.triage.mutants_left_out import LEFT_OUT, is_left_out, tried
from tests.triage.phone import NO_ENGINE, Answer, Case, as_answer, in_python

pytestmark = pytest.mark.thorough
SEED = int(os.environ.get("MUTANT_SEED", "1"))
COUNT = int(os.environ.get("MUTANTS", "40"))


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [*compact_cases()]


def test_every_wrong_in_the_phones_copy_is_seen(cases: list[Case], tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip(f"wrongs in the phone's copy are tried in Node; {NO_ENGINE}")
    known = mutants_phone.texts()
    # How words are heard has a test of its own, which tries every wrong: test_mutants_of_words.py.
    # What a screen shows of a tier (tiers.js), and in which language (words.js), is no part of a verdict.
    no_part = ("free_text.js", "tiers.js", "words.js")
    judging = (site for site in mutants_phone.sites(known) if site.file not in no_part)
    found = chosen(tried(judging, known), COUNT, SEED)
    truth = [in_python(case) for case in cases]
    shown = mutants_phone.first_differences(node, found, cases, truth, tmp_path)
    Counter.compared += sum(number or len(cases) for number in shown)
    Counter.mutants += len(shown) - shown.count(0)
    assert [site.told(known[site.file]) for site, number in zip(found, shown, strict=True) if not number] == []
    assert len(found) == COUNT


def test_every_wrong_in_the_rule_book_and_its_engine_is_seen(
    cases: list[Case], phone: Phone, tmp_path: Path
) -> None:
    """One that is refused before anything is judged was noticed too, but does not count."""
    known = mutants_rulebook.texts()
    truth = phone.judge(cases)
    unseen, seen = [], 0
    for site in chosen(tried(mutants_rulebook.sites(known), known), COUNT, SEED):
        try:
            judge = mutants_rulebook.broken_judge(site, known, tmp_path)
        except RulebookError:
            continue
        if shows(judge, cases, truth):
            seen += 1
        else:
            unseen.append(site.told(known[site.file]))
    Counter.mutants += seen
    assert unseen == []
    assert seen >= COUNT * 3 // 4


def shows(judge: mutants_rulebook.Judge, cases: list[Case], truth: list[Answer]) -> bool:
    """Does some verdict differ, or can none be given?"""
    for case, true in zip(cases, truth, strict=True):
        Counter.compared += 1
        try:
            if as_answer(judge(*case)) != true:
                return True
        except Exception:
            return True
    return False


def test_the_same_seed_makes_the_same_wrongs_and_another_seed_others() -> None:
    known = mutants_rulebook.texts()
    first, again, other = (chosen(mutants_rulebook.sites(known), 40, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert len({site.kind for site in first}) >= 15


def test_every_reason_to_leave_a_wrong_out_is_still_needed() -> None:
    texts = {**mutants_phone.texts(), **mutants_rulebook.texts()}
    sites = [*mutants_phone.sites(texts), *mutants_rulebook.sites(texts)]
    reasons = {is_left_out(site, texts[site.file]) for site in sites}
    assert {why for _, _, _, why in LEFT_OUT} == reasons - {None}


def test_an_engine_without_a_wrong_shows_nothing(cases: list[Case]) -> None:
    """A fresh engine from the texts as they are answers like the one in use: what is seen is the wrong alone."""
    few = Random(1).sample(cases, 300)
    text = mutants_rulebook.texts()["engine.py"]
    judge = mutants_rulebook.judge_of(
        mutants_rulebook.fresh_modules("engine", text), mutants_rulebook.load_rulebook()
    )
    assert not shows(judge, few, [in_python(case) for case in few])

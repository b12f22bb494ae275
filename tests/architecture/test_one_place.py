"""One fact, one place: what a second copy would let drift apart is refused here."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from alerts import states
from patients import tiers
from recovery.triage import roles
from tests.architecture.product_code import text_of, tree_of

ROOT = Path(__file__).resolve().parents[2]
APPS = ("patients", "alerts", "recovery", "config", "ops", "faults", "bench", "simulator")
# Holds the text of other files, to be looked for and changed.
QUOTES = "faults/mutants.py"
# A list with two of these words is a second list of tiers, or of the states that wait for somebody.
LISTS = {
    "patients/tiers.py": {tiers.CALL_911, tiers.CALL_DOCTOR_NOW, tiers.ON_TRACK},
    "alerts/states.py": {states.OPEN, states.ACKED},
}
# A tier is written out in one file of each language; `watch` is a word with other meanings too.
TIER = re.compile(r"""["'`](call_911|call_doctor_now|on_track)["'`]""")
SCRIPTS = {"tiers.js", "rulebook.js"}


@cache
def product() -> list[tuple[str, ast.Module]]:
    """Each file of the product, with its path from the root: no tests, no migrations (they stay as they ran)."""
    files = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    names = [(str(path.relative_to(ROOT)), path) for path in files]
    return [
        (name, tree_of(text_of(path))) for name, path in names if "/migrations/" not in name and name != QUOTES
    ]


def word_of(node: ast.expr) -> str:
    """What an element of a list says: its text, or the last part of its name in small letters."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    return (getattr(node, "attr", "") or getattr(node, "id", "")).lower()


def second_lists(tree: ast.Module, words: set[str]) -> list[int]:
    """The lines of the tuples, lists and sets that name two or more of these words."""
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Tuple | ast.List | ast.Set))
    return [node.lineno for node in found if len({word_of(one) for one in node.elts} & words) > 1]


def written(tree: ast.Module, words: set[str]) -> list[int]:
    """The lines on which one of these words stands as a text of its own."""
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value in words]


@pytest.mark.parametrize("home", LISTS)
def test_no_second_list_of_tiers_or_of_active_states(home: str) -> None:
    found = {name: second_lists(tree, LISTS[home]) for name, tree in product() if name != home}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_no_tier_is_written_out_in_python_but_in_its_place() -> None:
    words = LISTS["patients/tiers.py"]
    found = {name: written(tree, words) for name, tree in product() if name != "patients/tiers.py"}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_no_tier_is_written_out_in_a_script_but_in_its_place() -> None:
    scripts = [path for path in (ROOT / "static" / "js").glob("*.js") if path.name not in SCRIPTS]
    assert [path.name for path in scripts if TIER.search(path.read_text())] == []


def test_the_scripts_have_the_same_tiers() -> None:
    script = (ROOT / "static" / "js" / "tiers.js").read_text()
    lists = r"TIERS = \[(.*)\];\n.*const \[(.*)\] = TIERS;\n(?:/\*\*.*\n)?.*URGENT = \[(.*)\];"
    found = re.search(lists, script)
    assert found
    assert [one.strip('"') for one in found[1].split(", ")] == list(tiers.TIERS)
    assert [name.lower() for name in found[2].split(", ")] == list(tiers.TIERS)
    assert [name.lower() for name in found[3].split(", ")] == list(tiers.URGENT)


def test_templates_and_styles_name_tiers_that_exist_and_list_none() -> None:
    tag, name = re.compile(r"{%.*?%}|{{.*?}}"), re.compile(r"\b(call_911|call_doc\w*|on_track\w*)\b")
    for path in [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static" / "css").glob("*.css")]:
        text = path.read_text()
        assert set(name.findall(text)) <= set(tiers.TIERS), path
        assert [found for found in tag.findall(text) if len(set(name.findall(found))) > 1] == [], path


@pytest.mark.parametrize(
    "copy",
    ['URGENT = ("call_911", "call_doctor_now")', "URGENT = [Alert.Tier.CALL_911, CALL_DOCTOR_NOW]"],
)
def test_a_second_list_of_tiers_is_found(copy: str) -> None:
    assert second_lists(ast.parse(copy), LISTS["patients/tiers.py"]) == [1]


@pytest.mark.parametrize("copy", ['("open", "acked")', "{Alert.State.OPEN, Alert.State.ACKED}"])
def test_a_second_list_of_active_states_is_found(copy: str) -> None:
    assert second_lists(ast.parse(copy), LISTS["alerts/states.py"]) == [1]


RULE_ID = re.compile(r"\bR(?:911|DN|W|L)-\d")


def texts_with_rule_ids(tree: ast.Module) -> list[int]:
    """The lines of texts that name a rule by its id; what documents the code may."""
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if node.body and isinstance(node.body[0], ast.Expr)
    }
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in documents)
    return [node.lineno for node in texts if isinstance(node.value, str) and RULE_ID.search(node.value)]


def test_no_rule_id_stands_in_code() -> None:
    """Code asks for a rule by its role (recovery.triage.roles), by its sign or by what else the rule book says."""
    found = {name: texts_with_rule_ids(tree) for name, tree in product()}
    assert {name: lines for name, lines in found.items() if lines} == {}
    scripts = [path for path in (ROOT / "static" / "js").glob("*.js") if path.name != "rulebook.js"]
    assert [path.name for path in scripts if RULE_ID.search(path.read_text())] == []


def test_a_rule_id_in_code_is_found() -> None:
    assert texts_with_rule_ids(ast.parse('"""As RW-24 says."""\nSILENT = "RW-24"')) == [2]


def test_the_scripts_ask_for_roles_that_exist() -> None:
    asked = re.compile(r'\brole [!=]== "(\w+)"')
    found = {role for path in (ROOT / "static" / "js").glob("*.js") for role in asked.findall(path.read_text())}
    assert found == {roles.NOTE, roles.NO_ITEM}


def test_one_file_cuts_a_call_to_a_provider_and_one_number_says_when() -> None:
    cut = [
        name for name, tree in product() if name.startswith(("alerts/", "patients/")) and "Timer" in names(tree)
    ]
    assert cut == ["alerts/messaging/channels/deadline.py", "alerts/messaging/channels/smtp.py"]
    timed = re.compile(r"timeout=[\d.]+|result\([\d.]+\)|_SECONDS = ")
    channels = sorted((ROOT / "alerts" / "messaging" / "channels").glob("*.py"))
    assert [path.name for path in channels if timed.findall(path.read_text())] == ["twilio.py"]


def names(tree: ast.Module) -> set[str]:
    """The names a file uses."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def test_told_card_change_and_refused_mean_one_thing_each() -> None:
    defined = [node.name for _, tree in product() for node in tree.body if isinstance(node, ast.ClassDef)]
    assert {name: defined.count(name) for name in ("Told", "Card", "Change", "Refused")} == {
        "Told": 1,
        "Card": 1,
        "Change": 0,
        "Refused": 1,
    }


def test_no_class_name_means_three_things() -> None:
    ours = [tree for name, tree in product() if not name.startswith(("faults/", "bench/", "simulator/"))]
    defined = Counter(node.name for tree in ours for node in tree.body if isinstance(node, ast.ClassDef))
    # Django asks for a class of this name in each file of a command.
    assert {name: times for name, times in defined.items() if times > 2 and name != "Command"} == {}


def test_quiet_hours_and_their_length_are_said_once() -> None:
    bound = re.compile(r"MOST_QUIET|QUIET_HOURS?_MOST|QUIET_MOST")
    set_here = [
        name
        for name, tree in product()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and bound.search(node.id)
    ]
    assert set_here == ["patients/values/bounds.py"]
    classes = [name for name, tree in product() for node in tree.body if getattr(node, "name", "") == "QuietHours"]
    assert classes == ["patients/values/wall_clock.py"]

"""Files that are made or copied: each is what it says it is."""

import re
import shutil
from pathlib import Path

import pytest

from config.storage import ModuleStorage
from recovery.forms.phone_questions import script
from recovery.forms.reveal import emergencies, stylesheet
from recovery.forms.show_when import fields, show_when
from recovery.triage.evaluate import judge

STATIC = Path(__file__).resolve().parents[2] / "static"


def test_no_style_sheet_asks_for_anything_from_elsewhere() -> None:
    found = [
        p.name
        for p in STATIC.rglob("*.css")
        if re.search(r"sourceMappingURL|@import(?! url\(\"[a-z_]+\.css\"\);)|url\(\s*['\"]?http", p.read_text())
    ]
    assert found == []


def test_the_reveal_sheet_is_current_with_the_questions() -> None:
    assert (STATIC / "css" / "reveal.css").read_text() == stylesheet(), "run manage.py reveal_css"


def test_the_phones_questions_are_current_with_the_questions() -> None:
    assert (STATIC / "js" / "questions.js").read_text() == script(), "run manage.py reveal_css"


@pytest.mark.slow
def test_a_new_rule_book_gives_every_script_that_reads_it_a_new_name(tmp_path: Path) -> None:
    names = []
    for place, change in ((tmp_path / "one", ""), (tmp_path / "two", "export const another = 1;\n")):
        storage = ModuleStorage(location=str(place), base_url="/static/")
        shutil.copytree(STATIC, place)
        with (place / "js" / "rulebook.js").open("a") as file:
            file.write(change)
        files = {str(p.relative_to(place)): (storage, str(p.relative_to(place))) for p in place.rglob("*.js")}
        assert [found for _, _, found in storage.post_process(files) if isinstance(found, Exception)] == []
        three = ("js/triage.js", "js/log.js", "js/person_store.js")
        names.append({name: storage.stored_name(name) for name in three})
    one, two = names
    assert [name for name in one if one[name] == two[name]] == ["js/person_store.js"]


def test_an_answer_given_is_never_hidden() -> None:
    hiding = [
        rule
        for rule in stylesheet().splitlines()
        if "display: none" in rule and re.search(r"#div_id_|\.apap", rule)
    ]
    kept = ":not(:has(:checked, .typed:not(:placeholder-shown)))"
    loose = [
        rule for rule in hiding if kept not in rule and ".more" not in rule and "#div_id_temp_unit" not in rule
    ]
    assert loose == []


def test_every_list_item_that_opens_stays_open_while_it_holds_a_worrying_answer() -> None:
    sheet = stylesheet()
    openers = [f["code"] for f in fields() if show_when(f).item_of and len(f.get("values", ())) > 2]
    assert [code for code in openers if f"[name=open_{code}]" not in sheet] == []


def test_the_911_panel_opens_for_exactly_the_single_answers_that_mean_911() -> None:
    shown = {(given.code, value) for given in emergencies() for value in given.values}
    by_rule = {
        (field["code"], value["code"])
        for field in fields()
        if field["type"] == "enum" and field["code"] != "em_gate"
        for value in field["values"]
        if judge({"baseline_symptoms": ["breath_usual"]}, 50, {field["code"]: value["code"]}, []).tier
        == "call_911"
    }
    assert shown == by_rule

"""docs/fits.md says which fields must fit together, as the database holds it."""

from django.apps import apps

from ops.up import ROOT
from recovery.management.commands.what_fits import OURS, document


def test_the_document_is_what_the_records_hold_today() -> None:
    assert (ROOT / "docs" / "fits.md").read_text() == document(), "bin/manage what_fits > docs/fits.md"


def test_every_rule_of_every_record_stands_there() -> None:
    names = [
        rule.name.replace("_", " ")
        for app in OURS
        for model in apps.get_app_config(app).get_models()
        for rule in model._meta.constraints
    ]
    assert len(names) > 40
    assert [name for name in names if f"| {name} |" not in document()] == []

"""Writes docs/permissions.md from the table of permissions and the pages that need them."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from patients.permissions import Permission, Who

HEAD = """# Who may do what

Written from `patients/permissions.py` by `bin/manage write_permissions`; a test compares. Everybody reaches only
people and rows of their own: staff those of the clinic they work at, a patient their own, a helper those of the
patients who let them help. That is held twice, by the pages and by the database ([SECURITY.md](../SECURITY.md)).

An operator runs the installation, works at no clinic, and sees no patient.
"""
ON_A_PHONE = (Who.PATIENT, Who.HELPER)
AT_THE_DESK = tuple(who for who in Who if who not in ON_A_PHONE)


def page() -> str:
    """Return the whole page in Markdown."""
    opens = _addresses()
    phone = [one for one in Permission if not one.at_desk]
    desk = [one for one in Permission if one.at_desk]
    tables = (
        ("Patients and helpers", ON_A_PHONE, phone),
        ("Staff and operators", AT_THE_DESK, desk),
    )
    parts = [HEAD, *(f"## {title}\n\n{_table(columns, rows, opens)}" for title, columns, rows in tables)]
    return "\n".join(parts)


def _table(columns: Iterable[Who], rows: Iterable[Permission], opens: dict[Permission, list[str]]) -> str:
    heads = ["may", *(str(who) for who in columns), "pages", "in code"]
    lines = [heads, ["---"] * len(heads)]
    for one in rows:
        cells = [_cell(one, who) for who in columns]
        pages = ", ".join(f"`{route}`" for route in opens.get(one, ()))
        lines.append([one.words, *cells, pages, f"`{one.name}`"])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(permission: Permission, who: Who) -> str:
    if who not in permission.who:
        return ""
    return "when the patient says so" if who is Who.HELPER and permission.if_let else "yes"


def _addresses() -> dict[Permission, list[str]]:
    """Return the addresses that need each permission."""
    found: dict[Permission, list[str]] = {}
    for route, view in _views(get_resolver(), "/"):
        permission = getattr(view, "access", None)
        if permission is not None:
            found.setdefault(permission, []).append(route)
    return {permission: sorted(routes) for permission, routes in found.items()}


def _views(resolver: Any, start: str) -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        route = f"{start}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from _views(entry, route)
        elif isinstance(entry, URLPattern):
            yield route, entry.callback

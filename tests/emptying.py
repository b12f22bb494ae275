"""The database after a test that commits: only what it wrote is taken away.

Django empties every table and makes all content types and permissions anew, which takes longer than most tests.
"""

from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction

# Of the installation, not of a test.
KEPT = {"django_content_type", "auth_permission"}


def empty(test: Any = None) -> None:
    """Delete every row that a test may have written, whatever refuses it: only the owner may."""
    with transaction.atomic(), connection.cursor() as cursor:
        # No foreign key is asked, and no trigger that keeps rows for ever.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_which_have_rows())
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


@cache
def _which_have_rows() -> str:
    found = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = {*found, settings.CACHES["default"]["LOCATION"]} - KEPT
    asked = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM {connection.ops.quote_name(table)})" for table in tables)
    return " UNION ALL ".join(asked)

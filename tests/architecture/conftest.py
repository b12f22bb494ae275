"""The matrix sends logs the way the recovery tests do."""

from tests.recovery.conftest import send

__all__ = ["send"]

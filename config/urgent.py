"""What may be an emergency, or answers one (ops.lanes): the pages' own application, in a process of its own."""

from config.wsgi import application

__all__ = ["application"]

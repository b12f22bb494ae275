"""The application of the `urgent` process (ops.lanes): the same pages, in a process of their own."""

from config.wsgi import application

__all__ = ["application"]

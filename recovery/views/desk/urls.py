"""The nurse's addresses."""

from django.urls import URLPattern

desk_patterns: list[URLPattern] = []

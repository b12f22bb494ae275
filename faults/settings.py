"""The product's settings, but for one: the clinics' own systems of a run listen on this machine."""

from config.settings import *  # noqa: F403

OUTBOUND_LOOPBACK = True

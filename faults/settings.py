"""The product's settings with one change: webhooks may go to this machine, where a run has its receivers."""

from config.settings import *  # noqa: F403

OUTBOUND_LOOPBACK = True

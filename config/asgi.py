"""The event stream, and nothing else: one process holds every open board."""

import os

# Persistent connections leak under ASGI: they belong to threads that a later request never meets again.
os.environ["DB_CONN_MAX_AGE"] = "0"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.asgi import get_asgi_application  # noqa: E402 - the lines above must come first

from alerts.screens.stream_gate import FewAtOnce  # noqa: E402
from patients.wall.check import refuse_too_strong  # noqa: E402
from patients.wall.roles import APP  # noqa: E402

application = FewAtOnce(get_asgi_application())
refuse_too_strong(APP)

from patients.installation import refuse_another_kind  # noqa: E402 - the application must be set up first
from patients.rotation.check import refuse_missing_keys  # noqa: E402

refuse_another_kind()
refuse_missing_keys()

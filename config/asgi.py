"""The ASGI application of the `events` process, which serves only the event streams of open boards."""

import os

# Under ASGI persistent database connections leak: later requests run in other threads and never reuse them.
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

"""The WSGI application that serves the pages; its threads keep their database connections."""

import os

from django.core.wsgi import get_wsgi_application

from patients.wall.check import refuse_too_strong
from patients.wall.roles import APP

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
refuse_too_strong(APP)

from patients.installation import refuse_another_kind  # noqa: E402 - the application must be set up first
from patients.rotation.check import refuse_missing_keys  # noqa: E402

refuse_another_kind()
refuse_missing_keys()

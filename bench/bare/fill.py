"""Make the bare site's tables and rows; prints the session key of the one person who is signed in.

`python -m bench.bare.fill ROWS`, in a process of its own: Django reads its settings once.
"""

import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.bare.settings"

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402 - Django must be set up first
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from bench.bare.models import Log  # noqa: E402

# First the tables of Django, to which the log refers.
call_command("migrate", verbosity=0)
call_command("migrate", run_syncdb=True, verbosity=0)
people = User.objects.bulk_create(
    [User(username=f"person{n}", first_name="Ann", last_name=str(n)) for n in range(50)]
)
rows = [
    Log(author=people[n % 50], pain_move=3, pain_rest=1, pain_site=1, walk="house")
    for n in range(int(sys.argv[1]))
]
Log.objects.bulk_create(rows, batch_size=2000)
client = Client()
client.force_login(people[0])
sys.stdout.write(client.cookies["sessionid"].value)

"""Settings for whoever runs the machine: what tells them that something is broken, and what they may read."""

from typing import Any

from config.environment import env

# The watchdog's own way to people, apart from all that carries other messages; it works without the database. In
# a demo it is not used: nothing leaves the machine there.
WATCHDOG_EMAIL = env.str("WATCHDOG_EMAIL", default="")
WATCHDOG_PHONE = env.str("WATCHDOG_PHONE", default="")
# Empty: the mail server of all other messages.
WATCHDOG_MAIL: dict[str, Any] = {}
if env.str("WATCHDOG_SMTP_URL", default=""):
    WATCHDOG_MAIL = env.email_url("WATCHDOG_SMTP_URL")
WATCHDOG_SMS_ACCOUNT = env.str("WATCHDOG_SMS_ACCOUNT", default="")
WATCHDOG_SMS_TOKEN = env.str("WATCHDOG_SMS_TOKEN", default="")
WATCHDOG_SMS_FROM = env.str("WATCHDOG_SMS_FROM", default="")
WATCHDOG_SMS_API_URL = env.str("WATCHDOG_SMS_API_URL", default="https://api.twilio.com")
# Any other way: a program that gets the text on its standard input.
WATCHDOG_COMMAND = env.str("WATCHDOG_COMMAND", default="")
# Whom it tells while the database is away; it writes the file itself, in DATA_DIR unless set.
WATCHDOG_CONTACT_FILE = env.str("WATCHDOG_CONTACT_FILE", default="")
# A made-up patient whose urgent log must be answered, every ten minutes, through the front door.
CANARY = env.bool("CANARY", default=True)
# The address it uses; BASE_URL unless set.
CANARY_URL = env.str("CANARY_URL", default="").rstrip("/")
# A mailbox that nobody reads: with it the canary's page leaves by the real mail server too.
CANARY_EMAIL = env.str("CANARY_EMAIL", default="")
# A mailbox elsewhere that gets the newest seals once a day; nobody who runs the machine should own it.
SEALS_EMAIL = env.str("SEALS_EMAIL", default="")
# How old the newest good copy of the records may be; 0: somebody else looks after that.
BACKUP_WITHIN_HOURS = env.int("BACKUP_WITHIN_HOURS", default=26)
# Whoever shows it may read /metrics from another machine.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# The trail of sign-ins and exports leaves the machine: to a syslog server by TLS (syslog+tls://host:6514), whose
# certificate this file vouches for (unset: the machine's own list), and to a file of JSON lines (-: to the log).
TRAIL_SYSLOG_URL = env.str("TRAIL_SYSLOG_URL", default="")
TRAIL_SYSLOG_CA = env.str("TRAIL_SYSLOG_CA", default="")
TRAIL_JSON_FILE = env.str("TRAIL_JSON_FILE", default="")

"""Settings for operators: how the watchdog reaches them, and how they may read figures, seals and the trail."""

from typing import Any

from config.environment import env

# How the watchdog reaches the operators: separate from the channels of all other messages, and without the
# database. A demo does not use it, because nothing leaves the machine there.
WATCHDOG_EMAIL = env.str("WATCHDOG_EMAIL", default="")
WATCHDOG_PHONE = env.str("WATCHDOG_PHONE", default="")
# Empty: it uses the mail server of all other messages.
WATCHDOG_MAIL: dict[str, Any] = {}
if env.str("WATCHDOG_SMTP_URL", default=""):
    WATCHDOG_MAIL = env.email_url("WATCHDOG_SMTP_URL")
WATCHDOG_SMS_ACCOUNT = env.str("WATCHDOG_SMS_ACCOUNT", default="")
WATCHDOG_SMS_TOKEN = env.str("WATCHDOG_SMS_TOKEN", default="")
WATCHDOG_SMS_FROM = env.str("WATCHDOG_SMS_FROM", default="")
WATCHDOG_SMS_API_URL = env.str("WATCHDOG_SMS_API_URL", default="https://api.twilio.com")
# Another way: a program that gets the text on its standard input.
WATCHDOG_COMMAND = env.str("WATCHDOG_COMMAND", default="")
# Whom it tells while the database is down. The watchdog writes this file itself; default: in DATA_DIR.
WATCHDOG_CONTACT_FILE = env.str("WATCHDOG_CONTACT_FILE", default="")
# The canary: every ten minutes a made-up patient sends an urgent log by the public address; it must be answered.
CANARY = env.bool("CANARY", default=True)
# The address the canary uses; BASE_URL unless set.
CANARY_URL = env.str("CANARY_URL", default="").rstrip("/")
# An unread mailbox: when it is set, the canary's alert also goes out by the real mail server.
CANARY_EMAIL = env.str("CANARY_EMAIL", default="")
# A mailbox elsewhere that gets the newest seals once a day; the operators should not own it.
SEALS_EMAIL = env.str("SEALS_EMAIL", default="")
# How old, in hours, the newest good copy of the records may be; 0: not checked here.
BACKUP_WITHIN_HOURS = env.int("BACKUP_WITHIN_HOURS", default=26)
# A caller with this token may read /metrics from another machine.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# The trail of sign-ins and exports is also sent to a syslog server by TLS (syslog+tls://host:6514) and written
# to a file of JSON lines (-: to the log). TRAIL_SYSLOG_CA names the file of authorities that the server's
# certificate is checked against; unset: the machine's own list.
TRAIL_SYSLOG_URL = env.str("TRAIL_SYSLOG_URL", default="")
TRAIL_SYSLOG_CA = env.str("TRAIL_SYSLOG_CA", default="")
TRAIL_JSON_FILE = env.str("TRAIL_JSON_FILE", default="")

"""Django's SMTP backend with an end (deadline.py): one whole conversation takes at most settings.SEND_SECONDS."""

import smtplib
from threading import Timer
from typing import Any

from django.core.mail.backends import smtp

from alerts.messaging.channels.deadline import start_clock


class _Bounded:
    """Cuts the line when the time is up; whoever waits for a letter then reads the end of the file."""

    _timer: Timer | None = None

    def _get_socket(self, host: str, port: int, timeout: Any) -> Any:
        line = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        # STARTTLS puts another in the first one's place.
        self._timer = start_clock(lambda: getattr(self, "sock", None))
        return line

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()
        super().close()  # type: ignore[misc]


class _Smtp(_Bounded, smtplib.SMTP):
    pass


class _SmtpSsl(_Bounded, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """As Django's, on a line that is cut in time."""

    @property
    def connection_class(self) -> Any:
        return _SmtpSsl if self.use_ssl else _Smtp

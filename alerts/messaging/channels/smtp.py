"""Django's SMTP backend with a limit (deadline.py): one whole conversation takes at most settings.SEND_SECONDS."""

import smtplib
from threading import Timer
from typing import Any

from django.core.mail.backends import smtp

from alerts.messaging.channels.deadline import start_clock


class _Bounded:
    """Shuts the socket down when the time is up; a waiting read then returns the end of the file."""

    _timer: Timer | None = None

    def _get_socket(self, host: str, port: int, timeout: Any) -> Any:
        line = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        # Asks for the socket late, because STARTTLS replaces the first one.
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
    """Django's SMTP backend with connections that have a time limit."""

    @property
    def connection_class(self) -> Any:
        return _SmtpSsl if self.use_ssl else _Smtp

"""Django's SMTP backend with an end: one whole conversation takes at most settings.SEND_SECONDS.

A timeout of a socket counts from byte to byte: a mail server that says one letter a second would hold a send for
minutes, and with it the lease of every message that was claimed beside it.
"""

import contextlib
import smtplib
import socket
from threading import Timer
from typing import Any

from django.conf import settings
from django.core.mail.backends import smtp


class _Bounded:
    """Cuts the line when the time is up; whoever waits for a letter then reads the end of the file."""

    _timer: Timer | None = None

    def _get_socket(self, host: str, port: int, timeout: Any) -> Any:
        line = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self._timer = Timer(settings.SEND_SECONDS, self._cut)
        self._timer.daemon = True
        self._timer.start()
        return line

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()
        super().close()  # type: ignore[misc]

    def _cut(self) -> None:
        line = getattr(self, "sock", None)  # STARTTLS has put another in the first one's place
        with contextlib.suppress(OSError):
            if line:
                # The plain socket's own: TLS would wait for the other side to agree.
                socket.socket.shutdown(line, socket.SHUT_RDWR)


class _Smtp(_Bounded, smtplib.SMTP):
    pass


class _SmtpSsl(_Bounded, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """As Django's, on a line that is cut in time."""

    @property
    def connection_class(self) -> Any:
        return _SmtpSsl if self.use_ssl else _Smtp

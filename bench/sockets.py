"""HTTP over a Unix socket, one connection kept: what stands between a bench and a server costs nothing."""

import http.client
import socket
from collections.abc import Mapping
from pathlib import Path


class _OverSocket(http.client.HTTPConnection):
    def __init__(self, place: Path) -> None:
        super().__init__("localhost", timeout=30)
        self._place = place

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._place))


class Line:
    """One kept connection."""

    def __init__(self, place: Path) -> None:
        # Where the last answer sends on to.
        self.location = ""
        self._connection = _OverSocket(place)

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> tuple[int, bytes]:
        """Send a request, read the answer to its end: (status, body)."""
        self._connection.request(method, path, body, dict(headers))
        answer = self._connection.getresponse()
        self.location = answer.headers.get("Location", "")
        return answer.status, answer.read()

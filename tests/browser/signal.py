"""The way from a phone to the clinic, which a test can cut, or answer in the clinic's place."""

import contextlib
import socket
import threading
from urllib.parse import urlsplit

HTML = "text/html; charset=utf-8"
# What a phone meets between itself and a clinic: body, status and kind of the answer.
IN_BETWEEN = {
    "broken": ("500 Internal Server Error", HTML, "<h1>Server Error (500)</h1>"),
    "too busy": ("503 Service Unavailable", HTML, "<h1>Come again</h1>"),
    "nonsense": ("200 OK", "application/json", "[1, null, "),
    "a hotel's page": ("200 OK", HTML, "<!doctype html><title>Hotel</title><h1>Sign in to Hotel Wi-Fi</h1>"),
}


class Signal:
    """A relay on localhost in front of a server. state: "on", "off", or one of IN_BETWEEN."""

    def __init__(self, url: str) -> None:
        self._server = (str(urlsplit(url).hostname), urlsplit(url).port)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.state = "on"
        self.url = f"http://localhost:{self._door.getsockname()[1]}"
        threading.Thread(target=self._take_all, daemon=True).start()

    def set(self, state: str) -> None:
        """Change it, and end what is under way."""
        self.state = state
        while self._open:
            _end(self._open.pop())

    def close(self) -> None:
        """End it, and what is under way."""
        _end(self._door)
        self.set("off")

    def _take_all(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                phone, _ = self._door.accept()
                threading.Thread(target=self._take, args=(phone,), daemon=True).start()

    def _take(self, phone: socket.socket) -> None:
        if self.state == "off":
            return _end(phone)
        with contextlib.suppress(OSError):
            if self.state in IN_BETWEEN:
                phone.recv(65536)
                phone.sendall(_answer(*IN_BETWEEN[self.state]))
                return _end(phone)
            server = socket.create_connection(self._server)
            self._open += [phone, server]
            threading.Thread(target=_pour, args=(server, phone), daemon=True).start()
            _pour(phone, server)
        return None


def _answer(status: str, kind: str, body: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return (head + body).encode()


def _pour(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    _end(target)


def _end(one: socket.socket) -> None:
    # Shut down first: closing alone does not wake a thread that reads.
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()

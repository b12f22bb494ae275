"""The simplest HTTP client: one request, one answer, one deadline; a failed connection is answered by status 0."""

import http.client
import urllib.parse
from collections.abc import Mapping

# Any 32 letters: the server compares the cookie with the header, and other sites can set neither.
CSRF = "a" * 32
SECONDS = 10.0


class Door:
    """The product's address, asked with the cookies of one signed-in person."""

    def __init__(self, address: str, session: str) -> None:
        self._place = urllib.parse.urlsplit(address)
        self._cookies = f"sessionid={session}; csrftoken={CSRF}"

    def get(self, path: str) -> tuple[int, str]:
        """GET a page; returns status (0 when the connection broke) and body."""
        return self._ask("GET", path, b"", {})

    def post_json(self, path: str, body: bytes, *, send_only: int | None = None) -> tuple[int, str]:
        """POST JSON; with `send_only` it sends so many bytes of the body and closes the connection."""
        return self._ask("POST", path, body, {"Content-Type": "application/json"}, send_only)

    def post_form(self, path: str, fields: Mapping[str, str]) -> tuple[int, str]:
        """POST a form as a page does."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, urllib.parse.urlencode(fields).encode(), kind)

    def _ask(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], send_only: int | None = None
    ) -> tuple[int, str]:
        line = http.client.HTTPConnection(self._place.hostname or "", self._place.port, timeout=SECONDS)
        try:
            line.putrequest(method, path)
            known = {"Cookie": self._cookies, "X-CSRFToken": CSRF, "Content-Length": str(len(body)), **headers}
            for name, value in known.items():
                line.putheader(name, value)
            line.endheaders(body if send_only is None else body[:send_only])
            if send_only is not None:
                return 0, ""
            answer = line.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            line.close()

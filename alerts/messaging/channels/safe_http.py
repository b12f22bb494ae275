"""POST to an address from a manager or a browser, so that it cannot reach our own network.

Only https on port 443, without a user name or password in the address, redirects or proxies. The name is looked up
once, all its addresses must be public, and the connection goes to the address that was checked. A name that is not
on this installation's list (hosts.py) is not looked up. The whole call has a time limit (deadline.py). Only the
head of the answer is read, because the body is not needed and might never end.
"""

import http.client
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from alerts.messaging.channels.base import PermanentFailure, TemporaryFailure
from alerts.messaging.channels.deadline import ends_in_time
from alerts.messaging.channels.hosts import NamedBy, is_listed

LONGEST_URL = 500
LONGEST_PUSH_URL = 1000
PORTS = (443,)
# Special networks, and forms of inside addresses that a check of the text or of is_global alone would let pass.
NEVER = [
    ipaddress.ip_network(net)
    for net in (
        *("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96"),
        *("64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        *("5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    )
]
GLOBAL_V6 = ipaddress.ip_network("2000::/3")
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*")
_UGLY = re.compile(r"[\x00-\x20\x7f\\]")
LookUp = Callable[[str, int], list[str]]
Connect = Callable[[str, int, float], socket.socket]


class UnsafeAddress(PermanentFailure):
    """Nothing may be sent to this address. The text is a sentence for staff."""


class NotListed(UnsafeAddress):
    """This server is not on the list of this installation."""


@dataclass(frozen=True)
class Answer:
    """The status of the answer, and the seconds its Retry-After asks for (0: none). Redirects are not followed."""

    status: int
    wait_seconds: int


@dataclass(frozen=True)
class Destination:
    """A checked address: the name for TLS and Host, and the one IP address to connect to."""

    parts: SplitResult
    host: str
    port: int
    number: str


def look_up(host: str, port: int) -> list[str]:
    """Every IP address of a name. TemporaryFailure when it is not found within settings.SEND_SECONDS.

    A thread enforces the limit, because the system's own call has none.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="look-up")
    try:
        found = pool.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM).result(settings.SEND_SECONDS)
    except TimeoutError as error:
        raise TemporaryFailure("looking up the name took too long") from error
    except (OSError, UnicodeError) as error:
        raise TemporaryFailure("the name was not found") from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return [str(entry[4][0]) for entry in found]


def connect(number: str, port: int, seconds: float) -> socket.socket:
    """Open a connection to an IP address, never to a name."""
    return socket.create_connection((number, port), timeout=seconds)


def is_public(text: str) -> bool:
    """Is this IP address public, so that a message may go there?"""
    try:
        number = ipaddress.ip_address(text)
    except ValueError:
        return False
    if any(number in net for net in NEVER if net.version == number.version):
        return False
    if number.version == 6 and (number not in GLOBAL_V6 or getattr(number, "scope_id", None)):
        return False
    return number.is_global and not (number.is_multicast or number.is_reserved or number.is_unspecified)


def check(
    url: str,
    *,
    named_by: NamedBy = NamedBy.MANAGER,
    loopback: bool = False,
    only_loopback: bool = False,
    look_up: LookUp | None = None,
) -> Destination:
    """The checked destination of a URL. UnsafeAddress, with a sentence, when nothing may be sent there.

    TemporaryFailure when the name is not found. loopback: allow this machine too, by plain http, for a simulator
    in demos and tests. only_loopback: allow nothing but this machine.
    """
    parts, host = _read(url)
    try:
        port = parts.port
    except ValueError:
        raise UnsafeAddress("The port is not a number.") from None
    if not loopback and not only_loopback:
        _must_be_https(parts, port)
    _must_be_listed(host, named_by, loopback)
    numbers = [host] if _is_number(host) else (look_up or globals()["look_up"])(host, port or 443)
    if not numbers:
        raise TemporaryFailure("the name was not found")
    if loopback and all(_is_loopback(number) for number in numbers):
        return Destination(parts, host, port or (443 if parts.scheme == "https" else 80), numbers[0])
    if only_loopback:
        raise UnsafeAddress(
            "This is a demo: messages go to this machine only, and only when OUTBOUND_LOOPBACK is on."
        )
    _must_be_https(parts, port)
    if not all(is_public(number) for number in numbers):
        raise UnsafeAddress("This address leads to a private or special network, not to the internet.")
    return Destination(parts, host, port or 443, numbers[0])


def post(place: Destination, body: bytes, headers: Mapping[str, str], *, connect: Connect | None = None) -> Answer:
    """Send one request to a checked destination. TemporaryFailure when it fails or takes too long."""
    connection = _Pinned(place, connect or globals()["connect"])
    path = (place.parts.path or "/") + (f"?{place.parts.query}" if place.parts.query else "")
    try:
        with ends_in_time(lambda: connection.sock):
            connection.request("POST", path, body, {**headers, "Connection": "close"})
            answer = connection.getresponse()
        if time.monotonic() >= connection.ends_at:  # the time limit cut the answer, which looks like its end
            raise TemporaryFailure("no answer in time")
        wait = answer.headers.get("Retry-After", "")
        return Answer(answer.status, min(int(wait), 3600) if wait.isascii() and wait.isdigit() else 0)
    except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
        late = time.monotonic() >= connection.ends_at
        raise TemporaryFailure(
            "no answer in time" if late else f"no connection: {type(error).__name__}"
        ) from error
    finally:
        connection.close()


def _must_be_https(parts: SplitResult, port: int | None) -> None:
    if parts.scheme != "https":
        raise UnsafeAddress("The address has to begin with https://")
    if (port or 443) not in PORTS:
        raise UnsafeAddress("Only port 443 is possible: leave the port out.")


def _must_be_listed(host: str, named_by: NamedBy, loopback: bool) -> None:
    """Check a host against the list. check() refuses inside IP addresses; a local simulator needs no entry."""
    inside = (_is_number(host) and not is_public(host)) or (loopback and host == "localhost")
    if not inside and not is_listed(host, named_by):
        raise NotListed(
            f"This installation does not send to {host}. "
            f"Ask your administrator to add {host} to OUTBOUND_HOSTS, and try again."
        )


class _Pinned(http.client.HTTPConnection):
    """A connection to the checked IP address that gives the host's name in TLS and in the Host header."""

    def __init__(self, place: Destination, connect: Connect) -> None:
        super().__init__(place.host, place.port, timeout=settings.SEND_SECONDS)
        self.default_port = 443 if place.parts.scheme == "https" else 80
        self.place, self._open = place, connect
        self.ends_at = time.monotonic() + settings.SEND_SECONDS

    def connect(self) -> None:
        """Connect, then start TLS for https; both within the time that is left."""
        self.sock = self._open(self.place.number, self.place.port, max(self.ends_at - time.monotonic(), 0.01))
        if self.place.parts.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(
                self.sock, server_hostname=self.place.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()


def _read(url: str) -> tuple[SplitResult, str]:
    """The parts of a URL, and its host as the network names it."""
    if len(url) > LONGEST_PUSH_URL or _UGLY.search(url):
        raise UnsafeAddress("This is not an address: check it for spaces and odd characters.")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise UnsafeAddress("This is not an address.") from None
    if parts.scheme not in ("https", "http") or not host:
        raise UnsafeAddress("The address has to begin with https://")
    if "@" in parts.netloc:
        raise UnsafeAddress("Leave out the name and the password in front of the @.")
    if "%" in host:
        raise UnsafeAddress("This is not the name of a server on the internet.")
    return parts, _host(host)


def _host(host: str) -> str:
    host = host.rstrip(".")
    if _is_number(host):
        return host
    try:
        host = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise UnsafeAddress("This is not the name of a server on the internet.") from None
    last = host.rpartition(".")[2]
    # Some programs read 2130706433, 0177.0.0.1 and 0x7f.1 as IP addresses, others as names.
    if not _NAME.fullmatch(host) or last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last):
        raise UnsafeAddress("This is not the name of a server on the internet.")
    return host


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(number: str) -> bool:
    return number in ("127.0.0.1", "::1")

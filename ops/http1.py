"""PURE: checks the heads of HTTP/1 requests and answers, and rewrites them for the next process.

It refuses a request that two servers could read differently.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote

# Twice what the pages accept, so that the pages themselves answer when something is too large.
BODY_BYTES = 1024 * 1024

TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
REQUEST_LINE = re.compile(rb"([A-Z]{1,20}) (/[!-~]*) HTTP/1\.[01]\Z")
# No page uses another method, and TRACE would send back headers that scripts must not see.
METHODS = {b"GET", b"HEAD", b"POST", b"OPTIONS"}
# Headers between two neighbours (RFC 9110, 7.6.1), and those with which a visitor could fake an address.
NOT_FORWARDED = {b"connection", b"keep-alive", b"te", b"trailer", b"upgrade", b"expect"}
NOT_FORWARDED |= {b"forwarded", b"x-real-ip", b"x-front-refused"}
NOT_FORWARDED_PREFIXES = (b"proxy-", b"x-forwarded-")
# The headers that we read ourselves, besides the length.
_TOLD = {b"x-forwarded-for", b"x-forwarded-proto", b"priority"}

REASONS = {
    400: "Bad Request",
    405: "Method Not Allowed",
    408: "Request Timeout",
    411: "Length Required",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class RequestRefused(Exception):
    """The front refuses the request with this HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(REASONS[status])
        self.status = status


@dataclass(frozen=True)
class Request:
    """A request whose head is checked; `head` is what the server process gets."""

    method: str
    path: str
    head: bytes
    body_bytes: int
    wants_continue: bool
    # The visitor's IP address: the peer's, or the one our proxy names.
    address: str
    # The Priority header (RFC 9218).
    priority: str


def read_head(head: bytes, *, peer: str, trusted: bool = False) -> Request:
    """Check a request's head and rewrite it for the server process.

    trusted: the peer is our own proxy, so its headers about the visitor's address and scheme count. Raises
    RequestRefused when the head is not plain HTTP/1, or the body is larger than BODY_BYTES.
    """
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    found = REQUEST_LINE.match(first)
    if not found:
        raise RequestRefused(400)
    if found[1] not in METHODS:
        raise RequestRefused(405)
    kept, lengths, wants_continue = [first], set[bytes](), False
    told: dict[bytes, bytes] = {}
    for line in lines:
        name, value = _header(line)
        if name in _TOLD:
            told[name] = value
        if name == b"transfer-encoding":
            raise RequestRefused(411)
        if name == b"content-length":
            lengths.add(value)
        wants_continue |= name == b"expect" and value.lower() == b"100-continue"
        # WSGI reads a name with an underscore as the same name with a dash.
        if name not in NOT_FORWARDED and not name.startswith(NOT_FORWARDED_PREFIXES) and b"_" not in name:
            kept.append(name + b": " + value)
    body_bytes = _body_bytes(lengths)
    address = _named(told) or peer if trusted else peer
    secure = trusted and told.get(b"x-forwarded-proto") == b"https"
    kept += [
        b"x-forwarded-for: " + address.encode(),
        b"x-forwarded-proto: http" + b"s" * secure,
        b"connection: close",
    ]
    return Request(
        method=found[1].decode("ascii"),
        path=unquote(found[2].decode("ascii").partition("?")[0]),
        head=b"\r\n".join(kept) + b"\r\n\r\n",
        body_bytes=body_bytes,
        wants_continue=wants_continue,
        address=address,
        priority=told.get(b"priority", b"").decode("latin-1"),
    )


def told(head: bytes, refused: Mapping[int, int]) -> bytes:
    """The head of a request to a page that shows how many were refused before a page heard of them, by status."""
    words = ", ".join(f"{status}={number}" for status, number in sorted(refused.items()))
    return head.removesuffix(b"\r\n") + b"x-front-refused: " + words.encode() + b"\r\n\r\n"


def _named(told: Mapping[bytes, bytes]) -> str:
    """Return the address our proxy names, the last one in the header, which it wrote itself; empty if invalid."""
    last = told.get(b"x-forwarded-for", b"").rpartition(b",")[2].strip().decode("latin-1")
    try:
        return str(ip_address(last))
    except ValueError:
        return ""


def _header(line: bytes) -> tuple[bytes, bytes]:
    name, colon, value = line.partition(b":")
    value = value.strip(b" \t")
    if not colon or not TOKEN.match(name) or any(byte < 32 and byte != 9 for byte in value):
        raise RequestRefused(400)
    return name.lower(), value


def _body_bytes(lengths: set[bytes]) -> int:
    if not lengths:
        return 0
    length = lengths.pop()
    if lengths or not length.isdigit() or len(length) > 12:
        raise RequestRefused(400)
    if int(length) > BODY_BYTES:
        raise RequestRefused(413)
    return int(length)


def answer_head(head: bytes) -> bytes:
    """Return an answer's head as the visitor gets it, with `connection: close`."""
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    kept = [line for line in lines if line.partition(b":")[0].lower() not in (b"connection", b"keep-alive")]
    return b"\r\n".join([first, *kept, b"connection: close"]) + b"\r\n\r\n"

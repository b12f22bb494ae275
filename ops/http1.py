"""PURE: the heads of HTTP/1 requests and answers, as they may go on to the next process.

A request that two servers could read differently is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote

# Twice what the pages take, so that they say themselves what is too much.
BODY_BYTES = 1024 * 1024

TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
REQUEST_LINE = re.compile(rb"([A-Z]{1,20}) (/[!-~]*) HTTP/1\.[01]\Z")
# No page answers another, and TRACE would say back what only the browser may know.
METHODS = {b"GET", b"HEAD", b"POST", b"OPTIONS"}
# Between two neighbours only (RFC 9110, 7.6.1), and what a visitor must not be able to say about itself.
NOT_FORWARDED = {b"connection", b"keep-alive", b"te", b"trailer", b"upgrade", b"expect"}
NOT_FORWARDED |= {b"forwarded", b"x-real-ip", b"x-front-refused"}
NOT_FORWARDED_PREFIXES = (b"proxy-", b"x-forwarded-")
# What is asked of a head beside its length.
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
    """The request ends here, with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(REASONS[status])
        self.status = status


@dataclass(frozen=True)
class Request:
    """A request's head, checked, as it goes on to the process that answers."""

    method: str
    path: str
    head: bytes
    body_bytes: int
    wants_continue: bool
    # Who asks: the peer, or whom the proxy in front of us names.
    address: str
    # How urgent the visitor says it is (RFC 9218).
    priority: str


def read_head(head: bytes, *, peer: str, trusted: bool = False) -> Request:
    """Check a request's head and rewrite it for the process behind. RequestRefused when it is not plain HTTP/1.

    trusted: the peer is our own proxy, and says truly who asks and by which scheme.
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
        # With an underscore it would pass for its sister with a dash.
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
    """Whom our proxy names: the last in the line, which it wrote itself."""
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
    """An answer's head as the visitor gets it: this connection ends with it."""
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    kept = [line for line in lines if line.partition(b":")[0].lower() not in (b"connection", b"keep-alive")]
    return b"\r\n".join([first, *kept, b"connection: close"]) + b"\r\n\r\n"

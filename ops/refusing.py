"""The front's own answer when it refuses a request: one sentence, and when to try again."""

import asyncio
import contextlib

from ops.http1 import REASONS

CHUNK_BYTES = 64 * 1024
# The security headers of every page: no scripts, no framing, no sniffing of the content's type.
OWN_ANSWERS = (
    "content-security-policy: default-src 'none'; frame-ancestors 'none'\r\nx-content-type-options: nosniff\r\n"
    "x-frame-options: DENY\r\nreferrer-policy: same-origin\r\n"
)


async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int) -> None:
    """Send the refusal and wait up to two seconds until the visitor has read it. Raises nothing."""
    body = f"{REASONS[status]}. Please try again in a moment.\n".encode()
    head = f"HTTP/1.1 {status} {REASONS[status]}\r\ncontent-type: text/plain; charset=utf-8\r\n"
    head += f"content-length: {len(body)}\r\ncache-control: no-store\r\nretry-after: 2\r\n"
    head += f"{OWN_ANSWERS}connection: close\r\n\r\n"
    with contextlib.suppress(OSError, TimeoutError):
        writer.write(head.encode() + body)
        if writer.can_write_eof():  # TLS cannot
            writer.write_eof()
        # If we closed with bytes unread, the kernel would reset the connection before the visitor read the reason.
        async with asyncio.timeout(2):
            while await reader.read(CHUNK_BYTES):
                pass

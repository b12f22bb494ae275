"""What the front answers by itself: that it cannot, in a sentence, and when to come again."""

import asyncio
import contextlib

from ops.http1 import REASONS

CHUNK_BYTES = 64 * 1024
# As every page says it: nothing runs in it, nobody frames it, and it is what it is called.
OWN_ANSWERS = (
    "content-security-policy: default-src 'none'; frame-ancestors 'none'\r\nx-content-type-options: nosniff\r\n"
    "x-frame-options: DENY\r\nreferrer-policy: same-origin\r\n"
)


async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int) -> None:
    """Say it, and wait until it was read. Raises nothing."""
    body = f"{REASONS[status]}. Please try again in a moment.\n".encode()
    head = f"HTTP/1.1 {status} {REASONS[status]}\r\ncontent-type: text/plain; charset=utf-8\r\n"
    head += f"content-length: {len(body)}\r\ncache-control: no-store\r\nretry-after: 2\r\n"
    head += f"{OWN_ANSWERS}connection: close\r\n\r\n"
    with contextlib.suppress(OSError, TimeoutError):
        writer.write(head.encode() + body)
        if writer.can_write_eof():  # not by TLS
            writer.write_eof()
        # Closed with unread bytes, the connection would be reset before the visitor has read why.
        async with asyncio.timeout(2):
            while await reader.read(CHUNK_BYTES):
                pass

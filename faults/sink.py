"""A mail server that is never killed and writes down every message before it answers.

`python -m faults.sink LEDGER CONTROL` prints its port. The file CONTROL holds {"mode", "until"}: how the
server misbehaves until that time.
"""

import asyncio
import contextlib
import json
import sys
import time
from email import message_from_bytes, policy
from pathlib import Path

from faults.ledger import Ledger

# ok: as it should. slow: 3 s a message. trickle: one letter of the greeting a second. hang: no answer at all.
# busy: 421 on connect. later: 451 after the text. refuse: 550 for the address. reset: cut after the text.
# lost: taken and written down, cut before the answer.
MODES = ("slow", "trickle", "hang", "busy", "later", "refuse", "reset", "lost")
SLOW_SECONDS = 3


class Sink:
    """The server. Each connection has one SMTP conversation; all write to one ledger."""

    def __init__(self, ledger: Ledger, control: Path) -> None:
        self._ledger, self._control = ledger, control

    def mode(self) -> str:
        """The mode of the moment; "ok" when none is set."""
        with contextlib.suppress(OSError, ValueError):
            order = json.loads(self._control.read_text())
            if time.time() < order["until"]:
                return str(order["mode"])
        return "ok"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection; a client may leave in the middle."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mode = self.mode()
        if mode in ("hang", "trickle"):
            for letter in b"220 a mail server that takes its time\r\n":
                await asyncio.sleep(1)
                writer.write(bytes([letter]) if mode == "trickle" else b"")
                await writer.drain()
            return
        if mode == "busy":
            writer.write(b"421 come back later\r\n")
            return
        writer.write(b"220 sink\r\n")
        to: list[str] = []
        while line := (await reader.readline()).strip():
            verb = line[:4].upper()
            if verb == b"RCPT":
                to.append(line.partition(b"<")[2].partition(b">")[0].decode())
                writer.write(b"550 nobody here\r\n" if self.mode() == "refuse" else b"250 ok\r\n")
            elif verb == b"DATA":
                if not await self._data(reader, writer, to):
                    return
                to = []
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                return
            else:
                to = [] if verb in (b"MAIL", b"RSET") else to
                writer.write(b"250 ok\r\n")

    async def _data(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to: list[str]) -> bool:
        writer.write(b"354 go on\r\n")
        text = await reader.readuntil(b"\r\n.\r\n")
        mode = self.mode()
        if mode == "reset":
            writer.transport.abort()
            return False
        if mode == "later":
            writer.write(b"451 not now\r\n")
            return True
        if mode == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        mail = message_from_bytes(text, policy=policy.default)
        body = mail.get_body()
        self._ledger.write(
            id=str(mail["Message-ID"]),
            to=to,
            subject=str(mail["Subject"]),
            body=body.get_content() if body else "",
            answered=mode != "lost",
        )
        if mode == "lost":
            writer.transport.abort()
            return False
        writer.write(b"250 taken\r\n")
        return True


async def _main(ledger: Path, control: Path) -> None:
    sink = Sink(Ledger(ledger), control)
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), Path(sys.argv[2])))

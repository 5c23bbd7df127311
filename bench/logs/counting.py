"""A relay on this machine that counts what goes through: requests, answers by status, bytes each way.

    with counting(node.port) as counted:
        ... a client talks to counted.port ...
    counted.requests, counted.down_bytes

What it counts are bytes of HTTP, heads included, without those of TCP.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PIECE = 65_536
_REQUEST = re.compile(rb"(?:^|\n)(?:GET|POST|PUT|HEAD) [^\r\n]* HTTP/1\.1\r\n")
_STATUS = re.compile(rb"HTTP/1\.1 ([1-5][0-9]{2}) ")
_LONGEST = 512
"""Bytes kept of the piece before: a line that is looked for may begin there."""


@dataclass
class Counted:
    """Listens on `port`; what went through until now."""

    port: int = 0
    up_bytes: int = 0
    down_bytes: int = 0
    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)

    def reset(self) -> None:
        """From here on it counts anew."""
        self.up_bytes = self.down_bytes = self.requests = 0
        self.statuses.clear()


@contextmanager
def counting(port: int) -> Iterator[Counted]:
    """A relay to this port of this machine, until the block ends."""
    counted, ready, loop = Counted(), threading.Event(), asyncio.new_event_loop()
    thread = threading.Thread(target=_serve, args=(counted, port, ready, loop), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield counted
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def _serve(counted: Counted, port: int, ready: threading.Event, loop: asyncio.AbstractEventLoop) -> None:
    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_carry(reader, back, counted, up=True), _carry(there, writer, counted, up=False))

    async def start() -> None:
        server = await asyncio.start_server(take, "127.0.0.1", 0)
        counted.port = server.sockets[0].getsockname()[1]
        ready.set()

    loop.run_until_complete(start())
    loop.run_forever()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


async def _carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counted: Counted, *, up: bool
) -> None:
    pattern, before = (_REQUEST if up else _STATUS), b""
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(PIECE):
            whole = before + piece
            for found in pattern.finditer(whole):
                if found.end() <= len(before):
                    continue  # seen with the piece before
                if up:
                    counted.requests += 1
                else:
                    counted.statuses[int(found[1])] += 1
            if up:
                counted.up_bytes += len(piece)
            else:
                counted.down_bytes += len(piece)
            before = whole[-_LONGEST:]
            writer.write(piece)
            await writer.drain()
    writer.close()

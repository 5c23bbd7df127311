"""Web servers with a log's files: one of others, that knows nothing of logs, and one that does as told."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote

from millpond.errors import MillpondError
from millpond.network.sources import Source


@contextmanager
def static_server(folder: Path) -> Iterator[str]:
    """The web server of Python's standard library over a folder, as a process; its address."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1"),
            *("--protocol", "HTTP/1.1", "--directory", str(folder), "0"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    assert process.stdout is not None
    try:
        found = re.search(r"port (\d+)", process.stdout.readline())
        assert found
        yield f"http://127.0.0.1:{found[1]}"
    finally:
        process.terminate()
        process.communicate(timeout=60)


@dataclass(slots=True)
class Answer:
    """What is said to a request; the connection breaks after `cut_at` bytes of the body."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_at: int | None = None


@dataclass(slots=True)
class Asked:
    """A request that came: path with query, headers in small letters."""

    path: str
    headers: dict[str, str]


Answers = Callable[[Asked], Answer]


@dataclass(slots=True)
class Told:
    """The server that does as told: where it is, what it was asked for, bytes of bodies that it sent."""

    address: str
    asked: list[Asked] = field(default_factory=list)
    sent: int = 0

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.asked]


@asynccontextmanager
async def told_server(answers: Answers) -> AsyncIterator[Told]:
    """A server in this process, on a real socket, that answers each request as `answers` says."""
    told = Told("")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                lines = head.split("\r\n")
                headers = {}
                for line in lines[1:-2]:
                    name, _, value = line.partition(": ")
                    headers[name.lower()] = value
                asked = Asked(unquote(lines[0].split(" ")[1]), headers)
                told.asked.append(asked)
                answer = answers(asked)
                said = [f"HTTP/1.1 {answer.status} Said", f"Content-Length: {len(answer.body)}"]
                said += [f"{name}: {value}" for name, value in answer.headers.items()]
                body = answer.body if answer.cut_at is None else answer.body[: answer.cut_at]
                told.sent += len(body)
                writer.write("\r\n".join([*said, "", ""]).encode() + body)
                await writer.drain()
                if answer.cut_at is not None:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    told.address = f"http://{host}:{port}"
    async with server:
        yield told


def files_answering(files: Mapping[str, bytes], prefix: str = "/log/") -> Answers:
    """Static files under a prefix, with etags, as an honest server has them."""

    def answers(asked: Asked) -> Answer:
        data = files.get(asked.path.removeprefix(prefix))
        if data is None or not asked.path.startswith(prefix):
            return Answer(b"not here", 404)
        etag = f'"{sha256(data).hexdigest()[:16]}"'
        if asked.headers.get("if-none-match") == etag:
            return Answer(b"", 304, {"ETag": etag})
        return Answer(data, 200, {"ETag": etag})

    return answers


def ranges_answering(files: Mapping[str, bytes], entries: list[bytes], prefix: str = "/log/") -> Answers:
    """The same with the range call, as a node has it."""
    static = files_answering(files, prefix)

    def answers(asked: Asked) -> Answer:
        found = re.fullmatch(re.escape(prefix) + r"entries/(\d+)\?most=(\d+)", asked.path)
        if found is None:
            return static(asked)
        start, most = int(found[1]), int(found[2])
        data = bytearray()
        for entry in entries[start:]:
            if data and len(data) + 2 + len(entry) > most:
                break
            data += len(entry).to_bytes(2, "big") + entry
        return Answer(bytes(data))

    return answers


async def all_of(source: Source, start: int = 0, size: int = 1_000) -> tuple[list[bytes], str]:
    """The entries that came, and the name of the error after them."""
    found: list[bytes] = []
    try:
        async for some in source.entries(start, size):
            assert some
            found += some
    except MillpondError as error:
        return found, f"{type(error).__name__}: {error}"
    return found, ""

"""Households, as a program: a plan comes in on stdin as JSON, what happened goes out on stdout as JSON.

Each household is one connection: it loads the page, thinks, sends its order, and loads its own order. One in
`twice_percent` sends the order on a second connection at the same moment again, as a phone does that did not
hear the answer. Every household comes from an address of its own, as a proxy before the node says it.

What is measured is the time from the first byte that is sent to the last one that comes; connecting is not
in it. The answers are asked for with gzip, and unpacked only where something must be read in them.
"""

import asyncio
import gc
import gzip
import json
import random
import re
import sys
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

TOKEN = re.compile(r'name="token" value="([A-Za-z0-9_-]{24})"')
HEAD = (
    "Host: localhost\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\nAccept-Language: zh-CN,zh;q=0.9\r\n"
    "User-Agent: Mozilla/5.0 (Linux; Android 9) Mobile\r\nSec-Fetch-Site: same-origin\r\n"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def text(self) -> str:
        """Unpacked."""
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()


@dataclass(slots=True)
class Line:
    """One connection, kept open."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def to(cls, port: int) -> "Line":
        """Connects."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes) -> Answer:
        """Sends it and waits for all of the answer."""
        self.writer.write(request)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {}
        for line in head[1:]:
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(head[0].split(" ", 2)[1]), headers, body)

    def close(self) -> None:
        """The other side is not waited for."""
        self.writer.close()


@dataclass(slots=True)
class Crowd:
    """All of them; `samples` are the kind of request, seconds since the start, seconds it took, status."""

    plan: dict[str, Any]
    began: float = 0.0
    began_cpu: float = 0.0
    samples: list[tuple[str, float, float, int]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)

    async def timed(self, kind: str, line: Line, request: bytes) -> Answer:
        """Asks, and notes how long it took."""
        start = time.perf_counter()
        answer = await line.ask(request)
        took = time.perf_counter() - start
        self.samples.append((kind, start - self.began, took, answer.status))
        return answer

    def get(self, path: str, who: int, cookie: str = "") -> bytes:
        """A request for a page."""
        cookies = f"Cookie: {cookie}\r\n" if cookie else ""
        return f"GET {path} HTTP/1.1\r\n{HEAD}X-Forwarded-For: {address(who)}\r\n{cookies}\r\n".encode()

    def post(self, path: str, who: int, fields: dict[str, str]) -> bytes:
        """A form, sent."""
        body = urlencode(fields).encode()
        return (
            f"POST {path} HTTP/1.1\r\n{HEAD}X-Forwarded-For: {address(who)}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    async def household(self, n: int, line: Line, second: Line | None, pick: random.Random) -> None:
        """One of them, from the page to its own order."""
        plan = self.plan
        if plan["looks"]:
            token = found_token(await self.timed("page", line, self.get(plan["path"], n)))
            await asyncio.sleep(pick.uniform(*plan["think"]))
        else:
            token = f"{pick.getrandbits(144):036x}"[:24]
        fields = wants(plan, n, pick) | {"token": token}
        request = self.post(plan["path"], n, fields)
        sent_ms = time.time() * 1000
        if second is None:
            answers = [await self.timed("order", line, request)]
        else:
            both = (self.timed("order", line, request), self.timed("order again", second, request))
            answers = list(await asyncio.gather(*both))
        answered_ms = time.time() * 1000
        for answer in answers:
            self.orders.append(
                {
                    "token": token,
                    "status": answer.status,
                    "sent_ms": sent_ms,
                    "answered_ms": answered_ms,
                    "to": answer.headers.get("location", ""),
                    "units": sum(int(value) for name, value in fields.items() if name.startswith("q-")),
                }
            )
        link, cookie = answers[0].headers.get("location", ""), answers[0].headers.get("set-cookie", "")
        if link and plan["looks"]:
            await self.timed("own order", line, self.get(link, n, cookie.partition(";")[0]))

    async def run(self) -> None:
        """All of them as the plan has it; connections are there before the time begins."""
        plan, pick = self.plan, random.Random(self.plan["seed"])
        count = plan["households"]
        twice = {n for n in range(count) if pick.randrange(100) < plan["twice_percent"]}
        lines = [await Line.to(plan["port"]) for _ in range(count)]
        seconds = {n: await Line.to(plan["port"]) for n in twice}
        picks = [random.Random(pick.getrandbits(64)) for _ in range(count)]
        comes = sorted(pick.uniform(0, plan["within"]) for _ in range(count))
        gc.collect()
        gc.disable()
        if plan["starts_at_ms"]:
            await asyncio.sleep(plan["starts_at_ms"] / 1000 - time.time())
        self.began, self.began_cpu = time.perf_counter(), time.process_time()
        ends = self.began + plan["again_for"]

        async def one(n: int) -> None:
            if comes[n]:
                await asyncio.sleep(comes[n])
            turn = 0
            while True:
                await self.household(n + count * turn, lines[n], seconds.get(n), picks[n])
                turn += 1
                if time.perf_counter() >= ends:
                    break

        await asyncio.gather(*(one(n) for n in range(count)))
        for line in (*lines, *seconds.values()):
            line.close()


def address(who: int) -> str:
    """Of one household; 198.18.0.0/15 is for benchmarks (RFC 2544)."""
    return f"198.18.{who // 250 % 250}.{who % 250 + 1}"


def found_token(answer: Answer) -> str:
    """The random word of the page's form."""
    found = TOKEN.search(answer.text())
    if found is None:
        raise RuntimeError(f"a page without a form, status {answer.status}")
    return found[1]


def wants(plan: dict[str, Any], n: int, pick: random.Random) -> dict[str, str]:
    """What a household orders: one to three items, or one of the first where the plan says so."""
    items = plan["items"]
    fields = {"name": f"住户{n}", "phone": f"138{n:08d}", "note": ""}
    if plan["one_each"]:
        return fields | {f"q-{items[0]}-1": "1"}
    for item in pick.sample(items, pick.randint(1, 3)):
        fields[f"q-{item}-1"] = str(pick.randint(1, 3))
    return fields


def main() -> None:
    """Reads the plan, runs it, says what happened."""
    crowd = Crowd(json.load(sys.stdin))
    asyncio.run(crowd.run())
    wall = time.perf_counter() - crowd.began
    cpu = time.process_time() - crowd.began_cpu
    said = {"wall": wall, "cpu": cpu, "samples": crowd.samples, "orders": crowd.orders}
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()

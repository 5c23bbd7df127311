"""Participants who say statements over HTTP, as a program: a plan comes in on stdin, what happened goes out.

They come at random, so many a second on average, and do not wait for each other: a statement has a moment at
which it is due, and its time runs from then to the last byte of its receipt, waiting for a free connection
included. The plan: port, path, records (a file of entries), rate, connections, seed.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from bench.load.households import Line
from millpond.log.tiles import decode_bundle


async def run(plan: dict[str, Any]) -> dict[str, Any]:
    """All of them: seconds each took, statuses, receipts."""
    entries, _ = decode_bundle(Path(plan["records"]).read_bytes())
    head = f"POST {plan['path']} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n"
    rng = random.Random(plan["seed"])
    due, at = [], 0.0
    for _ in entries:
        at += rng.expovariate(plan["rate"])
        due.append(at)
    lines: asyncio.LifoQueue[Line] = asyncio.LifoQueue()
    for _ in range(plan["connections"]):
        lines.put_nowait(await Line.to(plan["port"]))
    took, statuses, receipts = [0.0] * len(entries), [0] * len(entries), [b""] * len(entries)

    async def say(number: int) -> None:
        entry = entries[number]
        line = await lines.get()
        answer = await line.ask(f"{head}Content-Length: {len(entry)}\r\n\r\n".encode() + entry)
        took[number] = time.perf_counter() - began - due[number]
        statuses[number], receipts[number] = answer.status, answer.body
        lines.put_nowait(line)

    gc.collect()
    gc.disable()
    began, began_cpu = time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for number, moment in enumerate(due):
            if (wait := began + moment - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            group.create_task(say(number))
    wall, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    told = [base64.b64encode(receipt).decode() for receipt in receipts]
    return {"wall": wall, "cpu": cpu, "took": took, "statuses": statuses, "receipts": told}


def main() -> None:
    """Reads the plan, runs it, says what happened."""
    json.dump(asyncio.run(run(json.load(sys.stdin))), sys.stdout)


if __name__ == "__main__":
    main()

"""Seeded statements as a community would make them: demand lines, offers, receipts; some 400 bytes an entry.

Every one is well-formed and really signed, each another one. The same arguments give the same bytes.

    entries = signed(1_000, KEY)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random

from bench import ROOT
from millpond.log import statement
from millpond.log.keys import Key
from millpond.log.tiles import decode_bundle, encode_bundle

KEY = Key(b"the key of the benchmark's log..")
START_MS = 1_795_000_000_000
KEPT = ROOT / "out" / "bench" / "statements"
"""Where signed entries are kept from one run to the next: to sign a million takes half a minute."""
PART = 16_384
"""Entries that one process signs in a go."""
GOODS = ("五常大米 5 公斤", "土鸡蛋 30 枚", "菜籽油 5 升", "红薯粉条", "手工围裙", "黄桃罐头", "小米", "竹篮")
VILLAGES = ("永泰", "嵩口", "同安", "梧桐", "葛岭", "城峰", "清凉", "长庆", "塘前", "大洋")


def payloads(first: int, after: int, author: str) -> Iterator[bytes]:
    """The statements of these numbers, unsigned."""
    rng = Random(f"statements {first}")
    for number in range(first, after):
        kind, body = (_line, _line, _line, _offer, _receipt)[number % 5](rng, number)
        value = {"kind": kind, "author": author, "time_ms": START_MS + 977 * number, "body": body}
        yield json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _line(rng: Random, number: int) -> tuple[str, dict[str, object]]:
    good = rng.choice(GOODS)
    accepts = [{"item": good, "limit_minor": rng.randint(800, 9_000)}]
    if number % 3 == 0:
        accepts.append({"item": rng.choice(GOODS), "limit_minor": rng.randint(800, 9_000)})
    return "demand/1", {
        "round": f"autumn-{number % 40}",
        "line": f"d{number}",
        "place": rng.choice(VILLAGES),
        "quantity": rng.randint(1, 60),
        "minimum": 1,
        "needed_by": f"2026-12-{rng.randint(1, 28):02d}",
        "accepts": accepts,
        "salt": rng.randbytes(16).hex(),
    }


def _offer(rng: Random, number: int) -> tuple[str, dict[str, object]]:
    price = rng.randint(900, 8_000)
    return "offer/1", {
        "round": f"autumn-{number % 40}",
        "offer": f"o{number}",
        "item": rng.choice(GOODS),
        "setup_minor": rng.randint(0, 50_000),
        "capacity": rng.randint(100, 9_000),
        "tiers": [{"from": n, "price_minor": price - 7 * n // 10} for n in (50, 200, 800)],
    }


def _receipt(rng: Random, number: int) -> tuple[str, dict[str, object]]:
    return "receipt/1", {
        "round": f"autumn-{number % 40}",
        "bid_sha256": rng.randbytes(32).hex(),
        "note": f"{rng.choice(VILLAGES)}收到，{rng.randint(1, 60)}件",
    }


def signed(count: int, key: Key = KEY) -> list[bytes]:
    """So many entries of the key's log, kept for the next time."""
    kept = KEPT / f"{key.did[-8:]}-{count}.bundle"
    if kept.exists():
        entries, _ = decode_bundle(kept.read_bytes())
        if len(entries) == count:
            return entries
    with ProcessPoolExecutor() as pool:
        parts = [(first, min(count, first + PART), key.seed) for first in range(0, count, PART)]
        entries = [entry for part in pool.map(_sign, parts) for entry in part]
    write_records(kept, entries)
    return entries


def write_records(path: Path, entries: Sequence[bytes]) -> None:
    """Entries, each with its length before it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_bundle(entries))


def _sign(part: tuple[int, int, bytes]) -> list[bytes]:
    first, after, seed = part
    key = Key(seed)
    return [
        statement.join(payload, key.sign(statement.pae(payload)))
        for payload in payloads(first, after, key.did)
    ]

"""Logs at a node that is served: own ones that were spoken in, carried ones that are pushed, and who pushes.

with start_site(folder) as site:
    hash = spoken(site, 300)
    site_get(site, f"/logs/{hash}/checkpoint")
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import httpx2
from sites import Site
from static_logs import hash_at_of, head_of, key_of

from millpond.log import mirror, statement, witness
from millpond.log.checkpoint import Checkpoint
from millpond.log.keys import Key
from millpond.log.mirror import Upload
from millpond.log.proofs import consistency_proof
from millpond.network import keeping
from millpond.node import own_log
from millpond.store.logs import origin_hash

OCTETS = {"content-type": "application/octet-stream"}


def said(count: int, key: Key, *, words: int = 3, first: int = 0) -> list[bytes]:
    """Entries: statements of this key, each another one."""
    return [
        statement.sign(
            statement.write("note/1", key.did, first + n, {"text": f"{n} " + "rice " * words}), key
        )
        for n in range(first, first + count)
    ]


def spoken(site: Site, count: int) -> str:
    """So many statements in the log of the site's room; the log's name in addresses."""
    sayings = [own_log.Saying("note/1", {"text": f"rice {n}"}) for n in range(count)]
    own_log.say_all(site.node, site.room, sayings)
    key = own_log.current(site.read)
    assert key is not None
    return key.hash


def own_key(site: Site) -> Key:
    """The key of the room's log, as its owner has it."""
    return own_log.open_key(site.node, site.room)


@dataclass
class Pusher:
    """Somebody with a log, who pushes it to a node: `entries`, all signed by `key`."""

    url: str
    key: Key
    entries: list[bytes]
    client: httpx2.Client

    @property
    def hash(self) -> str:
        """The log's name in addresses."""
        return origin_hash(self.key.did)

    def head(self, size: int | None = None) -> Checkpoint:
        """Its checkpoint at this size."""
        return head_of(self.entries[:size], self.key)

    def checkpoint(self, where: str, old: int, new: int | None = None) -> httpx2.Response:
        """Offers the checkpoint of size `new`, as one that continues `old`."""
        head = self.head(new)
        proof = consistency_proof(old, head.size, hash_at_of(self.entries[: head.size])) if old else ()
        body = witness.write_add_checkpoint(old, proof, head.note)
        return self.client.post(f"{self.url}/{where}/add-checkpoint", content=body)

    def body(self, start: int, end: int, *, most: int = mirror.MAX_PACKAGES, ticket: bytes = b"") -> bytes:
        """What is pushed for these entries, as much as goes into one request."""
        return b"".join(self.pieces(start, end, most=most, ticket=ticket))

    def pieces(
        self, start: int, end: int, *, most: int = mirror.MAX_PACKAGES, ticket: bytes = b""
    ) -> Sequence[bytes]:
        """The same: the head, then package after package."""
        upload = Upload(self.key.did, start, end, ticket)
        hash_at = hash_at_of(self.entries[:end])
        return list(islice(
            mirror.write_add_entries(upload, lambda a, b: self.entries[a:b], hash_at, most), most + 1
        ))  # fmt: skip

    def push(self, start: int, end: int, **how: object) -> httpx2.Response:
        """Pushes these entries."""
        return self.send(self.body(start, end, **how))  # type: ignore[arg-type]

    def send(self, body: bytes, **headers: str) -> httpx2.Response:
        """Pushes these bytes."""
        return self.client.post(f"{self.url}/mirror/add-entries", content=body, headers=OCTETS | headers)


def pusher(site: Site, size: int, number: int = 7, *, mark: str = "entry", carried: bool = True) -> Pusher:
    """Somebody whose log the keeper of the site carries."""
    key = key_of(number)
    if carried:
        site.node.network.write(lambda rows: keeping.carry(rows, key.did))
    entries = [f'{{"{mark}":{n}}}\nsigned\n'.encode() for n in range(size)]
    return Pusher(site.base, key, entries, httpx2.Client(timeout=30))


def packed(data: bytes) -> bytes:
    """By gzip."""
    pack = zlib.compressobj(wbits=31)
    return pack.compress(data) + pack.flush()

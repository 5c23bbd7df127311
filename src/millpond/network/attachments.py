"""Pictures and documents that statements name: kept by their hash and handed on (`fetching` fetches them).

A statement names an attachment by its SHA-256, so it does not matter who gives the bytes. Those of logs that
are followed or carried stand in `network.db`; a room's own stand in its file (`node.own_log`).

Invariants:
- Nothing is kept whose hash is another, which no statement of a log here names, or which is longer than
  `MAX_ATTACHMENT_BYTES`; all together take no more than the keeper allows, those of one log no more than a
  share of it.
- What came of one is kept beside the source that gave it, and is shown to nobody before it is whole.
- What the keeper refuses is not fetched, not taken, not handed on, and not in the file any more. The log that
  names it is carried all the same: its other readers may keep the bytes elsewhere.
- Nothing is opened here: a picture is bytes. What is handed on is to be saved, never run or shown as a page,
  whatever its author calls it.

Trusted or not: the bytes are what the statement's author meant; nothing else is known of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256 as sha256_of

from millpond.errors import InputError, PeerError
from millpond.log.statement import Attachment
from millpond.store import Rows, disk

MAX_ATTACHMENT_BYTES = 8 * 2**20
"""Of a picture or document: one that a phone on a slow line can still fetch."""
MOST_BYTES = 2 * 2**30
"""Of all attachments of others together, unless the keeper says otherwise (`set_most_bytes`)."""
SHARE_OF_LOG = 8
"""One log may take an eighth of that, and one of the largest always: an author who names a picture a minute
leaves seven eighths to the others, and an eighth of the usual limit is still thousands of pictures."""
MOST_AT_ONCE = 8
"""Fetched of one log before others have their turn."""
FIRST_WAIT_MS = 300_000
LAST_WAIT_MS = 86_400_000
"""Between tries: doubled with every failure, from five minutes to a day."""

ENDINGS = {
    "application/pdf": ".pdf",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "text/plain": ".txt",
}
"""Types that are said when bytes are handed on, each with the ending of a file; any other is just bytes."""
PLAIN_TYPE = "application/octet-stream"


class RefusedByKeeper(InputError):
    """The keeper of this node does not carry it; others may."""

    def __init__(self, sha256: str) -> None:
        super().__init__("is refused by the keeper of this node", name=sha256)


class State(StrEnum):
    """Where an attachment stands."""

    HERE = "here"
    WAITING = "waiting"
    TOO_LARGE = "too_large"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Found:
    """The bytes of an attachment and what to call them: a type of `ENDINGS`, or just bytes."""

    sha256: str
    type: str
    data: bytes

    @classmethod
    def of(cls, sha256: str, type: str, data: bytes) -> Found:
        """With a type that can be said safely."""
        return cls(sha256, type if type in ENDINGS else PLAIN_TYPE, data)

    @property
    def headers(self) -> Mapping[str, str]:
        """Of the answer that hands it on: to be saved, under a name of ours, and run nowhere."""
        name = self.sha256[:16] + ENDINGS.get(self.type, ".bin")
        return {
            "content-type": self.type,
            "content-disposition": f'attachment; filename="{name}"',
            "x-content-type-options": "nosniff",
            "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
            "cache-control": "public, max-age=31536000, immutable",
        }


# ---- which there are


def name(rows: Rows, log: int, position: int, attachments: Iterable[Attachment]) -> None:
    """A statement at this position of this log names them."""
    named = list(attachments)
    rows.many(
        "network_attachments.name",
        [
            {"sha256": one.sha256, "bytes": one.bytes, "type": one.type, "most": MAX_ATTACHMENT_BYTES}
            for one in named
        ],
    )
    rows.many("network_attachments.attach", [(log, one.sha256, position) for one in named])


def state(rows: Rows, sha256: str) -> State:
    """Where it stands here."""
    row = rows.one("network_attachments.one", sha256=sha256)
    if row is None:
        return State.UNKNOWN
    if row["is_refused"]:
        return State.REFUSED
    if row["is_here"]:
        return State.HERE
    return State.TOO_LARGE if row["bytes"] > MAX_ATTACHMENT_BYTES else State.WAITING


def kept(rows: Rows, log: int, sha256: str) -> Found | None:
    """What a statement of this log names, if it is here. Raises `RefusedByKeeper`."""
    check_allowed(rows, sha256)
    row = rows.one("network_attachments.of_log", log=log, sha256=sha256)
    return None if row is None else Found.of(sha256, row["type"], bytes(row["data"]))


# ---- how they come


def accept(rows: Rows, sha256: str, data: bytes) -> bool:
    """Takes bytes that were pushed here; returns whether they are new.

    Raises `RefusedByKeeper`, or `PeerError` where no log that the keeper carries names them, they have
    another hash, or there is no room for them (also on the disk).
    """
    check_allowed(rows, sha256)
    logs = [row["log"] for row in rows.all("network_attachments.carried", sha256=sha256)]
    if not logs:
        raise PeerError("no statement of a log that is carried here names it", name=sha256)
    return keep(rows, sha256, data, logs=logs)


def wanted(rows: Rows, log: int, *, now_ms: int) -> list[tuple[str, int]]:
    """What is to be fetched of this log now, the newest first: hashes, and the most bytes of each."""
    if disk.is_low(rows.file):
        return []
    left = min(most_bytes(rows) - kept_bytes(rows), most_log_bytes(rows) - log_bytes(rows, log))
    found = []
    for row in rows.all(
        "network_attachments.wanted",
        log=log,
        most_bytes=MAX_ATTACHMENT_BYTES,
        first_wait_ms=FIRST_WAIT_MS,
        last_wait_ms=LAST_WAIT_MS,
        now_ms=now_ms,
        most=MOST_AT_ONCE,
    ):
        takes = max(0, row["bytes"] - row["part_bytes"])
        if takes <= left:
            left -= takes
            found.append((row["sha256"], row["bytes"]))
    return found


def failed(rows: Rows, log: int, sha256: str, *, now_ms: int) -> None:
    """Nobody gave anything of it for this log; others that name it are not concerned."""
    rows.run("network_attachments.failed", log=log, sha256=sha256, now_ms=now_ms)


def keep(rows: Rows, sha256: str, data: bytes, *, logs: Iterable[int]) -> bool:
    """Keeps the bytes in the share of one of these logs; returns whether they are new.

    Raises `RefusedByKeeper`, or `PeerError` if they have another hash or there is no room for them.
    """
    check_allowed(rows, sha256)
    if len(data) > MAX_ATTACHMENT_BYTES:
        raise PeerError(
            f"has {len(data):,} bytes; an attachment has at most {MAX_ATTACHMENT_BYTES:,}", name=sha256
        )
    if sha256_of(data).hexdigest() != sha256:
        raise PeerError("the bytes have another hash", name=sha256)
    if state(rows, sha256) == State.HERE:
        return False
    if disk.is_low(rows.file):
        raise PeerError(disk.LOW, name=sha256)
    rows.run("network_attachments.drop_parts", sha256=sha256)  # what came of it counts once
    if kept_bytes(rows) + len(data) > most_bytes(rows):
        raise PeerError("there is no room for it: the keeper keeps only so many bytes", name=sha256)
    if all(log_bytes(rows, log) + len(data) > most_log_bytes(rows) for log in logs):
        raise PeerError("there is no room for it: the keeper keeps only so many bytes of a log", name=sha256)
    return rows.run("network_attachments.keep", sha256=sha256, data=data) > 0


# ---- what came of them so far


def part(rows: Rows, sha256: str, address: str) -> bytes:
    """What this source gave of it, from its beginning on; not checked, and for nobody to see."""
    return b"".join(
        row["data"] for row in rows.all("network_attachments.part", sha256=sha256, address=address)
    )


def add_part(rows: Rows, sha256: str, address: str, start: int, data: bytes, *, now_ms: int) -> bool:
    """The source gave these bytes from `start` on, where those of before end; whether they were taken.

    They are not if the keeper refused it, the part was thrown away, or there is no room on the disk.
    """
    sizes = rows.all("network_attachments.part_sizes", sha256=sha256, address=address)
    if start != sum(row["bytes"] for row in sizes) or disk.is_low(rows.file):
        return False
    values = {"sha256": sha256, "address": address, "start": start, "data": data, "now_ms": now_ms}
    return rows.run("network_attachments.add_part", **values) > 0


def drop_part(rows: Rows, sha256: str, address: str) -> None:
    """What this source gave of it is thrown away."""
    rows.run("network_attachments.drop_part", sha256=sha256, address=address)


def drop_parts_before(rows: Rows, time_ms: int) -> None:
    """Parts to which nothing came since then are thrown away."""
    rows.run("network_attachments.drop_parts_before", time_ms=time_ms)


# ---- what the keeper decides


def refuse(rows: Rows, sha256: str) -> None:
    """From now on it is not carried here; what was kept of it is gone from the file. Raises `InputError`."""
    Attachment(sha256, 0, PLAIN_TYPE, "-")  # a hash as it is written in statements
    rows.run("network_attachments.refuse", sha256=sha256)
    rows.run("network_attachments.drop_parts", sha256=sha256)
    rows.scrub()


def allow(rows: Rows, sha256: str) -> None:
    """It may be carried again; raises `InputError` if it was not refused."""
    if sha256 not in refused(rows):
        raise InputError("is not refused here", name=sha256)
    rows.run("network_attachments.allow", sha256=sha256)
    rows.run("network_attachments.try_again", sha256=sha256)


def refused(rows: Rows) -> tuple[str, ...]:
    """Hashes of all that the keeper refuses."""
    return tuple(row["sha256"] for row in rows.all("network_attachments.refused"))


def check_allowed(rows: Rows, sha256: str) -> None:
    """Raise `RefusedByKeeper` if the keeper refuses it."""
    if state(rows, sha256) == State.REFUSED:
        raise RefusedByKeeper(sha256)


def most_bytes(rows: Rows) -> int:
    """What all attachments of others may take together."""
    value = rows.value("network_attachments.limit")
    return MOST_BYTES if value is None else int(value)


def set_most_bytes(rows: Rows, value: int) -> None:
    """Changes that; what is here stays."""
    if not 0 <= value <= 2**53 - 1:
        raise InputError(f"{value:,} is not a number of bytes")
    rows.run("network_attachments.set_limit", value=value)


def kept_bytes(rows: Rows) -> int:
    """What they take now, with what came of those that are not whole."""
    return int(rows.value("network_attachments.kept_bytes"))


def most_log_bytes(rows: Rows) -> int:
    """What those that one log names may take, but never more than all."""
    most = most_bytes(rows)
    return min(most, max(MAX_ATTACHMENT_BYTES, most // SHARE_OF_LOG))


def log_bytes(rows: Rows, log: int) -> int:
    """What they take now."""
    return int(rows.value("network_attachments.log_bytes", log=log))


def tidy(rows: Rows) -> int:
    """Lets go what no log here names any more; returns how many."""
    return rows.run("network_attachments.tidy")

"""A room's own logs at one of its keepers: pushed to its mirror, cosigned by its witness; what became of it.

One call brings one log to one keeper: entries, attachments, cosignatures, and notes in the room's list of
keepers how it went. Invariants:

- A keeper that knows of this log what this node does not know (`asking.Conflict`) makes it rest at once: what
  is signed from then on could be a second history. The proof is kept, if there is one; the owner decides.
- But not by its mere word, if it is a Millpond: one that has a head that the key signed shows it. Else any
  keeper could keep its rooms from saying anything, an hour before a round closes for example. Its word is
  noted, and nothing more goes there until it is taken back. A keeper that is no Millpond may have no address
  by which to show what it has; that one is believed.
- Pushed are logs that the room writes, and one that it ended itself, whose last word is its successor. A log
  that rests, or moved away with its room, is nobody's to push here.
- Nothing is signed here.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial

import httpx2

from millpond.errors import InputError, PeerError, Unreachable
from millpond.log.note import VerifierKey
from millpond.network import asking, contradictions, pushing
from millpond.network.asking import Conflict, Cosigned, LogAt
from millpond.network.pushing import Pace, Told
from millpond.node import own_keys, own_log
from millpond.node.keepers import Keeper
from millpond.node.node import Node, OpenRoom
from millpond.node.own_keys import State, Why
from millpond.store import Rows, logs

log = logging.getLogger("millpond.exchange")

MOST_ATTACHMENTS = 16
"""Brought to a keeper in one go, before others have their turn."""
MOST_ROUNDS = 10
"""A mirror knows an attachment once it has read the statement that names it: some seconds after the push."""


@dataclass(frozen=True, slots=True)
class Own:
    """An own log that is pushed: its number in the room's file, its origin, how many entries it has."""

    id: int
    did: str
    size: int


@dataclass(slots=True)
class Memory:
    """What is known of one log at one keeper while the node runs; asked anew after a start.

    `size` is what the mirror has, `cosigned` what the witness last cosigned, None before either was asked;
    `attachments` those that it has. `has_more` of them are to come, as it could not take them all yet; it is
    given up after `MOST_ROUNDS` that brought none, until the log grows.
    """

    size: int | None = None
    cosigned: int | None = None
    pace: Pace = field(default_factory=Pace)
    key: VerifierKey | None = None
    attachments: set[str] = field(default_factory=set)
    has_more: bool = False
    rounds: int = 0

    def lacks(self, keeper: Keeper, own: Own) -> bool:
        """Whether there is something that the keeper has not got, as far as is known."""
        lacks_entries = keeper.is_mirror and self.size != own.size
        return lacks_entries or (keeper.is_witness and self.cosigned != own.size)


def own_logs(rows: Rows) -> tuple[Own, ...]:
    """The room's logs that are pushed: the one that is written, and those that it ended by itself."""
    found = []
    for key in own_keys.keys(rows):
        head = logs.head(rows, key.did)
        is_ended = key.state is State.ENDED and key.why != Why.MOVED
        if head is not None and head.checkpoint is not None and (key.state is State.OPEN or is_ended):
            found.append(Own(head.id, key.did, head.size))
    return tuple(found)


def is_pushed(rows: Rows, own: Own) -> bool:
    """Whether this is one of them, still."""
    return any(one.did == own.did for one in own_logs(rows))


async def carry(
    node: Node,
    client: httpx2.AsyncClient,
    room: OpenRoom,
    keeper: Keeper,
    own: Own,
    memory: Memory,
    *,
    told: Told | None = None,
) -> int:
    """Brings one log to one keeper; returns the size that they have and cosigned.

    Raises `PeerError`, `Unreachable` after it was noted; for a `Conflict` that counts the log rests already.
    """
    try:
        size, cosigned_s = await _carry(client, room, keeper, own, memory, told)
    except Conflict as conflict:
        if conflict.is_certain or not keeper.is_millpond:
            await _rest(node, room, own, conflict)
        await _failed(node, room, keeper, conflict, size=conflict.size)
        raise
    except (PeerError, Unreachable) as error:
        memory.size = memory.cosigned = None
        await _failed(node, room, keeper, error)
        raise
    except InputError as error:  # a key or an address that cannot be: noted like any other trouble with them
        problem = PeerError(error.problem, at=error.at, name=keeper.address)
        await _failed(node, room, keeper, problem)
        raise problem from None
    is_current = own.did == _current(room.db.read)
    await room.db.awrite(
        lambda rows: rows.run(
            "exchange.keeper_answered",
            did=keeper.did,
            size=size if is_current else keeper.size,
            cosigned_s=cosigned_s if is_current else None,
            now_ms=node.clock(),
        )
    )
    return size


async def _carry(
    client: httpx2.AsyncClient, room: OpenRoom, keeper: Keeper, own: Own, memory: Memory, told: Told | None
) -> tuple[int, int | None]:
    """The size that they have now, and when they cosigned it, by their clock."""
    log, theirs = LogAt(room.db, own.id), asking.cosigner_of(keeper.did)
    cosigned: list[Cosigned] = []
    if keeper.is_mirror:
        address = keeper.prefix("mirror")
        if memory.key is None and keeper.is_millpond:
            memory.key = await asking.key_at(client, address)
        keys = [theirs] if memory.key is None else [memory.key, theirs]
        pushed = await pushing.push(
            client, log, address, *keys, known=memory.size or 0, pace=memory.pace, told=told
        )
        if memory.size != pushed.size:
            memory.size, memory.rounds = pushed.size, 0
        cosigned.append(pushed.cosigned)
        if keeper.is_millpond:
            await _bring_attachments(client, room, own, address, memory)
    if keeper.is_witness and not any(theirs in one.by for one in cosigned):
        address = keeper.prefix("witness")
        cosigned.append(await asking.ask_witness(client, log, address, theirs, known=memory.cosigned or 0))
    # Durable at the keeper: everything up to here. A crash now loses cosignatures, which are asked for again.
    await room.db.awrite(partial(asking.keep, id=own.id, cosigned=cosigned))
    memory.cosigned = next((one.checkpoint.size for one in cosigned if theirs in one.by), None)
    size = max(one.checkpoint.size for one in cosigned)
    return size, next((one.time_s for one in cosigned if theirs in one.by), None)


async def _bring_attachments(
    client: httpx2.AsyncClient, room: OpenRoom, own: Own, address: str, memory: Memory
) -> None:
    """Pictures and documents that the keeper does not have yet, some at a time."""
    there = await LogAt(room.db, own.id).read(_attachments)
    waiting = [sha256 for sha256 in there if sha256 not in memory.attachments]
    before = len(memory.attachments)
    for sha256 in waiting[:MOST_ATTACHMENTS]:
        is_there = await pushing.push_attachment(
            client, address, logs.origin_hash(own.did), sha256, partial(_data_of, room, own, sha256)
        )
        if is_there:
            memory.attachments.add(sha256)
    came = len(memory.attachments) - before
    memory.rounds = 0 if came else memory.rounds + 1
    memory.has_more = came < len(waiting) and memory.rounds < MOST_ROUNDS


def _attachments(rows: Rows, _: int) -> list[str]:
    return [row["sha256"] for row in rows.all("exchange.own_attachments")]


async def _data_of(room: OpenRoom, own: Own, sha256: str) -> bytes:
    def read(rows: Rows, _: int) -> bytes:
        return own_log.attachment(rows, sha256) or b""

    return await LogAt(room.db, own.id).read(read)


# ---- what became of it


async def _rest(node: Node, room: OpenRoom, own: Own, conflict: Conflict) -> None:
    """From here on nothing is signed; what shows why is kept."""

    def job(rows: Rows) -> None:
        if own.did == _current(rows):
            own_log.rest(rows, Why.ELSEWHERE, now_ms=node.clock())

    await room.db.awrite(job)
    proof = conflict.proof
    if proof is not None:
        await node.network.awrite(lambda rows: contradictions.keep(rows, proof, now_ms=node.clock()))
    log.warning("%s: its log rests: a keeper knows entries of it that are not here", room.slug)


async def _failed(
    node: Node, room: OpenRoom, keeper: Keeper, error: PeerError | Unreachable, size: int | None = None
) -> None:
    await room.db.awrite(
        lambda rows: rows.run(
            "exchange.keeper_failed",
            did=keeper.did,
            size=size,
            answered=isinstance(error, PeerError),
            problem=error.problem,
            now_ms=node.clock(),
        )
    )


def _current(rows: Rows) -> str:
    known = own_keys.current(rows)
    return "" if known is None else known.did

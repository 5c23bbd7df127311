"""A resting log goes on: what others still have of it is fetched, and the owner says that it is all.

1. Everybody who may have the log is asked for its newest signed head: mirrors, witnesses, people who are
   known here, and what the owner names (an export on a stick, a node).
2. The longest continuation is fetched into a file of its own, where sources that lie are found out
   (`network.pulling`), beginning with what the room has. Two histories end it here: the proof is kept, and
   only a new key goes on (`own_log.succeed`).
3. What is missing goes into the room's own log, and the pictures it names as far as anybody has them. These
   are the room's own statements; nothing is signed.
4. The key opens only if every head that anybody showed is covered by what is here now, and the owner says
   that nobody can hold more. That no machine can know: a receipt may have left, and reached one person.

What is durable when: entries of 3 lie beyond the log's checkpoint until all of them are there, and are taken
over in one transaction; a crash before it leaves the log as it was, and the next attempt begins with cutting
them off. The state changes last.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import httpx2

from millpond.desk.refusals import Refused
from millpond.errors import InputError, PeerError, Unreachable
from millpond.log import checkpoint as checkpoints
from millpond.log import statement
from millpond.log.checkpoint import Checkpoint
from millpond.log.statement import Attachment
from millpond.network import contradictions, keeping, meeting, pulling
from millpond.network.attachments import MAX_ATTACHMENT_BYTES
from millpond.network.one_source import Outcome
from millpond.network.sources import Source, source_at
from millpond.node import archive, own_log
from millpond.node.node import Node, OpenRoom
from millpond.node.own_keys import OwnKey, State, Why, current, key_of, set_state
from millpond.node.room_source import RoomSource
from millpond.store import Database, Rows, logs, open_network

AT_ONCE = 1_024
"""Entries that are copied in one transaction."""
ASKED_AT_ONCE = 8
"""Places that are asked for their heads at a time: a phone's line breaks under fifty."""
HEAR_SECONDS = 60.0
"""For all heads together: they are some kilobytes each, and somebody waits for the answer."""
GATHER_SECONDS = 600.0
"""For all entries, and then for pictures: 5 MB at 64 kbit/s. What is missing then is told, not waited for."""
SHARE_SECONDS = 30.0
"""For one source before the others have their turn."""


class TwoHistories(InputError):
    """The log was signed in two histories, so it is over; `proof` is the file that shows it."""

    def __init__(self, proof: bytes) -> None:
        super().__init__(
            "this key has signed two histories that contradict each other: somebody else wrote with it, or "
            "an old copy of the room did. Nobody can mend that. Go on under a new key: millpond log succeed"
        )
        self.proof = proof


@dataclass(frozen=True, slots=True)
class Asked:
    """Who was asked, and the size they know of, or why they said none."""

    address: str
    size: int | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of a resting log: its size before and now, the largest that was shown, who was asked."""

    key: OwnKey
    before: int
    size: int
    newest: int
    asked: tuple[Asked, ...] = field(default=())

    @property
    def is_whole(self) -> bool:
        """Whether everything that anybody showed is here."""
        return self.size >= self.newest


async def look(
    node: Node, room: OpenRoom, sources: Sequence[Source], witnesses: Sequence[Source] = ()
) -> Looked:
    """Brings a resting log up to what others have of it, and says who has what; the key goes on resting.

    Sources have entries, witnesses a head alone. However slow they are, it ends: what was not heard in
    `HEAR_SECONDS`, or did not come in `GATHER_SECONDS`, is told with who was asked. Raises `InputError` if
    the log does not rest here or its key is not here, `TwoHistories`.
    """
    key = _resting(node, room)
    before = _size(room.db.read, key.did)
    sources = [*_rooms_beside(node, room, key.did), *sources]
    heads, problems = await _hear(key.did, [*sources, *witnesses])
    longest_first = sorted(
        (source for source in sources if source.address in heads),
        key=lambda source: -heads[source.address].size,
    )
    with (
        archive.scratch_folder(node.data, f"resuming-{room.slug}") as scratch,
        open_network(scratch / "log.db") as found,
    ):
        for problem in await _gather(node, room, key.did, found, longest_first, heads):
            problems[problem.name] = problem.problem
        await asyncio.to_thread(_take_over, room.db, found.read, key.did)
    await pulling.read_all(room.db, _id(room.db.read, key.did), meeting.note)
    await _fetch_attachments(room, key.did, longest_first, now_ms=node.clock())
    return Looked(
        key,
        before,
        _size(room.db.read, key.did),
        max((head.size for head in heads.values()), default=0),
        tuple(
            Asked(
                source.address,
                heads[source.address].size if source.address in heads else None,
                problems.get(source.address, ""),
            )
            for source in (*sources, *witnesses)
        ),
    )


def go_on(node: Node, room: OpenRoom, looked: Looked) -> None:
    """The log is written again: its owner says that nobody can hold more of it than was found.

    Raises `InputError` if somebody showed more, or something changed since it was looked at.
    """
    if not looked.is_whole:
        raise InputError(
            f"somebody has seen {looked.newest:,} entries of this log, and only {looked.size:,} could be "
            "fetched. Find who has the rest (a follower, an export), and give it as a source; or go on under "
            "a new key: millpond log succeed"
        )
    _check_alone(node, room, looked.key.did)

    def job(rows: Rows) -> None:
        if current(rows) != looked.key or _size(rows, looked.key.did) != looked.size:
            raise InputError("the log was changed meanwhile: look again")
        head = logs.head(rows, looked.key.did)
        if head is not None and head.reached != head.size:
            raise InputError("more of the log is coming in just now: look again")
        if head is not None and (head.broken_at is not None or head.checked != head.size):
            raise InputError("an entry of the log is none of its own: it can only go on under a new key")
        set_state(rows, looked.key.did, State.OPEN, now_ms=node.clock())

    room.db.write(job)


def known_sources(
    rows: Rows, did: str, client: httpx2.AsyncClient, more: Sequence[str] = ()
) -> tuple[list[Source], list[Source]]:
    """Who may have the room's log, and who only cosigned it: its keepers, people it knows, and `more`.

    `more` are addresses of nodes, of a log on one, or folders. Raises `InputError` for what is none.
    """
    hash = logs.origin_hash(did)
    keepers = rows.all("peers.keepers")
    bases = [row["address"] for row in keepers if row["is_mirror"]]
    for row in rows.all("peers.all"):
        bases += [address for address in json.loads(row["addresses"]) if address.startswith("http")]
    addresses = [f"{base.rstrip('/')}/logs/{hash}" for base in bases]
    for address in more:
        is_node = address.startswith("http") and f"/logs/{hash}" not in address
        addresses.append(f"{address.rstrip('/')}/logs/{hash}" if is_node else address.rstrip("/"))
    cosigned = [f"{row['address'].rstrip('/')}/witness/{hash}" for row in keepers if row["is_witness"]]
    return (
        [source_at(address, client) for address in dict.fromkeys(addresses)],
        [source_at(address, client) for address in dict.fromkeys(cosigned)],
    )


# ---- inside


def _resting(node: Node, room: OpenRoom) -> OwnKey:
    """The key, if it rests, or moved away and is taken back; with its seed here."""
    key = current(room.db.read)
    if key is None:
        raise Refused("log.none")
    if key.state == State.OPEN:
        raise InputError("the log is written here already: there is nothing to resume")
    if key.state == State.ENDED and key.why != Why.MOVED:
        raise Refused(f"log.{key.why}")
    own_log.unseal(node, room.db.read, key)
    _check_alone(node, room, key.did)
    return key


def _check_alone(node: Node, room: OpenRoom, did: str) -> None:
    for other in _others(node, room, did):
        known = key_of(other.db.read, did)
        if known is not None and known.state == State.OPEN:
            raise InputError(f"the room {other.slug} of this node writes this log: one of them must stop")


def _others(node: Node, room: OpenRoom, did: str) -> list[OpenRoom]:
    rows = node.db.read.all("node.rooms_of_log", hash=logs.origin_hash(did))
    found = [node.look_into(row["slug"]) for row in rows if row["slug"] != room.slug]
    return [other for other in found if other is not None]


def _rooms_beside(node: Node, room: OpenRoom, did: str) -> list[Source]:
    """Copies of the room on this node may know more of its log."""
    return [RoomSource(other, did) for other in _others(node, room, did) if _size(other.db.read, did)]


async def _hear(did: str, asked: Sequence[Source]) -> tuple[dict[str, Checkpoint], dict[str, str]]:
    """The signed heads that came in time, and what went wrong with the others; by address."""
    heads: dict[str, Checkpoint] = {}
    problems = {
        source.address: f"did not answer in the {HEAR_SECONDS:.0f} s that all have together: look again"
        for source in asked
    }
    waiting = list(reversed(asked))

    async def ask_on() -> None:
        while waiting:
            source = waiting.pop()
            try:
                async with asyncio.timeout(min(HEAR_SECONDS, SHARE_SECONDS)):
                    shown = await source.checkpoint()
                assert shown is not None  # no etag was given
                heads[source.address] = checkpoints.read(shown.note, did)
                problems.pop(source.address, None)
            except TimeoutError:
                problems[source.address] = "gave no whole checkpoint in time: look again"
            except (InputError, PeerError, Unreachable) as error:
                problems[source.address] = error.problem

    try:
        async with asyncio.timeout(HEAR_SECONDS), asyncio.TaskGroup() as group:
            for _ in range(ASKED_AT_ONCE):
                group.create_task(ask_on())
    except TimeoutError:
        pass  # whoever was not heard has their problem
    return heads, problems


async def _gather(
    node: Node,
    room: OpenRoom,
    did: str,
    found: Database,
    sources: Sequence[Source],
    heads: dict[str, Checkpoint],
) -> list[PeerError | Unreachable]:
    """The longest log that can be had, in a file of its own; raises `TwoHistories`."""
    problems: list[PeerError | Unreachable] = []
    now_ms = node.clock()
    id = found.write(lambda rows: logs.begin(rows, did).id)
    if _size(room.db.read, did):
        await pulling.pull(found, id, RoomSource(room, did), now_ms=now_ms, reads=False)
    until, in_turn = _now() + GATHER_SECONDS, list(sources)
    while in_turn:
        source = in_turn.pop(0)
        if _now() >= until:
            problem = "not everything came in time: look again, over a faster line or from a folder"
            problems.append(Unreachable(problem, name=source.address))
            continue
        try:
            async with asyncio.timeout_at(min(until, _now() + SHARE_SECONDS)):
                outcome = (await pulling.pull(found, id, source, now_ms=now_ms, reads=False)).outcome
        except TimeoutError:
            outcome = Outcome.PART  # what came is here, and the next one goes on after it
        except (PeerError, Unreachable) as error:
            problems.append(error)
            continue
        if outcome == Outcome.PART:
            in_turn.append(source)
    for head in heads.values():
        found.write(partial(keeping.convict, one=head, other=None, now_ms=now_ms))
    proof = contradictions.proof_of(found.read, did)
    if proof is not None:
        data = proof.write()
        node.network.write(
            lambda rows: rows.run(
                "network_contradictions.add", origin=did, proof=data, is_proven=True, now_ms=now_ms
            )
        )
        raise TwoHistories(data)
    return problems


def _take_over(db: Database, found: Rows, did: str) -> None:
    """What the room's own log lacks, from the file in which it was gathered."""
    longer = logs.head(found, did)
    assert longer is not None
    known = db.write(lambda rows: _cut(rows, did))
    if longer.checkpoint is None or longer.size <= known.size:
        return
    for start in range(known.size, longer.size, AT_ONCE):
        some = logs.entries(found, longer.id, start, min(start + AT_ONCE, longer.size))
        db.write(partial(_put, id=known.id, start=start, entries=some))
    head = checkpoints.read(longer.checkpoint, did)
    db.write(lambda rows: logs.accept(rows, known.id, head))


def _put(rows: Rows, id: int, start: int, entries: Sequence[bytes]) -> None:
    """Some more entries, unless somebody else was quicker: behind a log that is written they would stay."""
    known = logs.head_by_id(rows, id)
    key = key_of(rows, known.origin)
    if key is None or key.state == State.OPEN or known.reached != start:
        raise InputError("the log was changed meanwhile: look again")
    logs.put(rows, id, entries)


async def _fetch_attachments(room: OpenRoom, did: str, sources: Sequence[Source], *, now_ms: int) -> None:
    """Pictures and documents that came back with what was said; what nobody has stays away, and is asked for
    again when somebody looks again."""
    until, reachable = _now() + GATHER_SECONDS, list(sources)
    for one in await asyncio.to_thread(_lacking, room.db.read, did):
        for source in list(reachable):
            try:
                async with asyncio.timeout_at(min(until, _now() + SHARE_SECONDS)):
                    data = await source.attachment(one.sha256, MAX_ATTACHMENT_BYTES)
            except TimeoutError:
                reachable.remove(source)
                continue
            except (PeerError, Unreachable):
                continue
            await room.db.awrite(
                partial(own_log.attach_in, data=data, type=one.type, name=one.name, now_ms=now_ms)
            )
            break


def _lacking(rows: Rows, did: str) -> list[Attachment]:
    """What statements of the log name and is not here, the newest first."""
    head = logs.head(rows, did)
    assert head is not None
    named = {
        one.sha256: one
        for entry in logs.walk(rows, head.id, 0, head.checked)
        for one in statement.read_payload(statement.split(entry)[0]).attachments
    }
    return [one for one in reversed(named.values()) if own_log.attachment(rows, one.sha256) is None]


def _now() -> float:
    """Seconds, as timeouts count them."""
    return asyncio.get_running_loop().time()


def _cut(rows: Rows, did: str) -> logs.Head:
    """The room's log without what an attempt of before left beyond its checkpoint."""
    known = logs.begin(rows, did)
    if known.reached > known.size:
        logs.cut(rows, known.id)
    return logs.head_by_id(rows, known.id)


def _id(rows: Rows, did: str) -> int:
    head = logs.head(rows, did)
    assert head is not None
    return head.id


def _size(rows: Rows, did: str) -> int:
    head = logs.head(rows, did)
    return 0 if head is None else head.size

"""This node as a mirror: others push logs here that its keeper carries. Source: C2SP tlog-mirror.

    1. add-checkpoint   the mirror takes a head of the log: *pending*, what is to come is held against it
    2. add-entries      packages of entries, each proven to belong to the pending head
    3. when all are here, the head is put over them and cosigned, in one transaction

Invariants:
- An entry is durable before the next package is looked at, and only if it was proven: what is beyond the
  head here that came from elsewhere (a source that was pulled from) gives way to what is proven.
- A cosignature leaves after everything that it is over is durable and shown.
- The head never goes back. Two pushes at once, of whatever sizes, end with the larger one.
- At most one package of a push is in memory. Nothing is lost by a push that ends anywhere: the next one goes
  on after the last whole package.

A *ticket* is a pending head with the mirror's own authentication: who comes back with it may finish what was
begun, though the log gave the mirror a newer head meanwhile. Tickets are kept by nobody here.
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from millpond.errors import InputError
from millpond.log import checkpoint as checkpoints
from millpond.log import cosignature, mirror, witness
from millpond.log.checkpoint import Checkpoint
from millpond.log.merkle import HASH_BYTES, leaf_hash
from millpond.log.mirror import INFO_TYPE, MAX_PACKAGES, Decoder, Package, Upload
from millpond.log.tiles import TILE_WIDTH
from millpond.log.witness import AddCheckpoint
from millpond.network import addresses, witnessing
from millpond.network.keeping import Answer, Keeper, bare, convict, is_carried, says, what_is_full
from millpond.store import Database, Rows, disk, logs
from millpond.store.logs import Head

UNKNOWN = "This mirror does not carry the log: ask its keeper to take your card."
OWN = "This log is written here: it is not pushed, statements are appended to it."
FULL = "This mirror has no more room for {what}: ask its keeper for more."
PUSHED = ""
"""Who gave entries that were pushed, where sources are noted: nobody that could be asked for more."""
_MAC_BYTES = sha256().digest_size


# ---- add-checkpoint


def add_checkpoint(rows: Rows, request: AddCheckpoint, *, now_ms: int) -> Answer:
    """The answer to `add-checkpoint`: by the rules of a witness, and without a cosignature."""
    head = logs.head(rows, request.claim.origin)
    known = None if head is None else _pending(head) or _accepted(head)
    decision = witness.decide(request, known, head is not None and is_carried(rows, head.id))
    if head is None or decision.accepted is None:
        if decision.evidence:
            convict(rows, checkpoints.verify(request.claim), known, now_ms=now_ms)
        return witnessing.refused(decision)
    if convict(rows, decision.accepted, known, now_ms=now_ms):
        return says(422, witnessing.CONTRADICTS)
    if known is None or decision.accepted.size > known.size:
        logs.set_pending(rows, head.id, bare(decision.accepted))
    return Answer(200, b"")


def shown_pending(rows: Rows, hash: str) -> bytes | None:
    """The head that entries are being pushed for, with the log's own signature; None if there is none."""
    head = logs.head_by_hash(rows, hash)
    return None if head is None else head.pending


# ---- add-entries


@dataclass(frozen=True, slots=True)
class _Push:
    """One request whose beginning is good: for which log, up to which head of it."""

    log: int
    goal: Checkpoint


async def add_entries(
    db: Database,
    keeper: Keeper,
    body: AsyncIterator[bytes],
    *,
    clock: Callable[[], int],
    is_own: Callable[[str], bool],
) -> Answer:
    """The answer to `add-entries`; the body is read as it comes, and no further than it is good.

    What the iterator raises comes through, and what arrived in whole packages before is kept; but an
    `InputError` of it means that the body cannot be read on, and is answered. `clock` tells unix ms,
    `is_own` whether a log of this origin is written at this node: such a one is not pushed here.
    """
    decoder, saved = Decoder(), 0
    push: _Push | None = None
    try:
        async for piece in body:
            packages = decoder.feed(piece)
            if push is None and decoder.upload is not None:
                if is_own(decoder.upload.origin):
                    return says(403, OWN)
                begun = await db.awrite(partial(_begin, keeper=keeper, upload=decoder.upload))
                if isinstance(begun, Answer):
                    return begun
                push = begun
            if push is None:
                continue
            for package in packages:
                # Durable: everything before this package.
                refused = await db.awrite(partial(_keep, keeper=keeper, push=push, package=package))
                if refused is not None:
                    return refused
                saved += 1
                if saved == MAX_PACKAGES:
                    break
            if decoder.complete or saved == MAX_PACKAGES:
                break
    except InputError as error:
        if not saved:
            return says(400, f"The body cannot be read: {error}.")
    if push is None:
        return says(400, "The body ends before it says which entries of which log it brings.")
    if not decoder.complete and not saved:
        return says(400, "The body ends before its first package does: no entry was kept.")
    end = _end if decoder.complete else _pause
    return await db.awrite(partial(end, keeper=keeper, push=push, now_ms=clock()))


def _begin(rows: Rows, keeper: Keeper, upload: Upload) -> _Push | Answer:
    """Which log, and which of its heads the entries are to be held against."""
    head = logs.head(rows, upload.origin)
    if head is None or not is_carried(rows, head.id):
        return says(404, UNKNOWN)
    goal = _goal(keeper, head, upload)
    if goal is None or goal.size < head.size or upload.start > head.reached:
        return _info(409, keeper, head, goal)
    return _Push(head.id, goal)


def _keep(rows: Rows, keeper: Keeper, push: _Push, package: Package) -> Answer | None:
    """Keeps what is new in a package that is proven; the answer, if the push ends here."""
    head = logs.head_by_id(rows, push.log)
    if not is_carried(rows, push.log):
        return says(404, UNKNOWN)
    if package.start > head.reached:  # what was there was cut off meanwhile
        return _info(409, keeper, head, push.goal)
    before = _leaves_before(rows, push.log, package)
    try:
        package.check([*before, *map(leaf_hash, package.entries)], push.goal.size, push.goal.root)
    except InputError as error:
        first = max(package.subtree_start, head.size)
        if first < package.start:
            # What is here of this bundle beyond the head may be another's invention: then it must come, too.
            _cut(rows, head, first)
        reason = f"The entries {package.start} to {package.end} are not proven to be the log's: {error}."
        return says(422, reason)
    return _add(rows, head, package)


def _add(rows: Rows, head: Head, package: Package) -> Answer | None:
    """Adds what is new in a package that was proven."""
    there = logs.entries(rows, head.id, package.start, package.end)
    same = next((n for n, one in enumerate(there) if one != package.entries[n]), len(there))
    first = package.start + same
    if first < min(head.size, package.end):
        return says(422, witnessing.CONTRADICTS)
    if same < len(there):  # from a source that was pulled from, and not proven
        _cut(rows, head, first)
    new = package.entries[same:]
    if not new:
        return None
    if disk.is_low(rows.file):
        return says(403, f"Nothing is taken at this time: {disk.LOW}.")
    full = what_is_full(rows, head.id, new)
    if full is not None:
        return says(403, FULL.format(what=full))
    addresses.gives(rows, head.id, first, PUSHED)
    logs.put(rows, head.id, new)
    return None


def _pause(rows: Rows, keeper: Keeper, push: _Push, now_ms: int) -> Answer:
    """The answer when there is more to come."""
    del now_ms
    return _info(202, keeper, logs.head_by_id(rows, push.log), push.goal)


def _end(rows: Rows, keeper: Keeper, push: _Push, now_ms: int) -> Answer:
    """Puts the head over its entries and cosigns it."""
    head, goal = logs.head_by_id(rows, push.log), push.goal
    if goal.size < head.size:
        return _info(409, keeper, head, None)
    if goal.size > head.reached:  # what was there was cut off meanwhile
        return _info(409, keeper, head, goal)
    if logs.root_at(rows, head.id, goal.size) != goal.root:
        _cut(rows, head, head.size)
        return _info(409, keeper, logs.head_by_id(rows, head.id), goal)
    lines = _accept(rows, keeper, head, goal, now_ms)
    if head.reached == goal.size:  # nothing is beyond any more that came from anybody
        addresses.cut_given(rows, head.id, 0)
    return Answer(200, lines.encode())


def cosign_pulled(rows: Rows, keeper: Keeper, id: int, *, now_ms: int) -> None:
    """The head of a carried log that came from elsewhere: what a mirror shows has its own line under it."""
    head = logs.head_by_id(rows, id)
    accepted = _accepted(head)
    if accepted is not None and is_carried(rows, id):
        _accept(rows, keeper, head, accepted, now_ms)


def _accept(rows: Rows, keeper: Keeper, head: Head, goal: Checkpoint, now_ms: int) -> str:
    """Puts the head over its entries, with our lines under it, which are returned."""
    accepted = _accepted(head)
    base = accepted if accepted is not None and checkpoints.same_head(accepted, goal) else goal
    lines = cosignature.cosign(goal, keeper.mirror.did, keeper.mirror, now_ms // 1_000)
    lines += witnessing.cosign_if_next(rows, head.id, goal, keeper.witness, now_ms=now_ms)
    note = cosignature.with_lines(base, [lines])
    logs.accept(rows, head.id, Checkpoint(goal.origin, goal.size, goal.root, note))
    return lines


# ---- what is here


def _pending(head: Head) -> Checkpoint | None:
    return None if head.pending is None else checkpoints.read(head.pending, head.origin)


def _accepted(head: Head) -> Checkpoint | None:
    return None if head.checkpoint is None else checkpoints.read(head.checkpoint, head.origin)


def _goal(keeper: Keeper, head: Head, upload: Upload) -> Checkpoint | None:
    """The head of the size that the request names, if it is one that the mirror took."""
    found = (_pending(head), _accepted(head), _in_ticket(keeper, upload))
    return next((one for one in found if one is not None and one.size == upload.end), None)


def _leaves_before(rows: Rows, id: int, package: Package) -> list[bytes]:
    """Leaf hashes of the bundle's entries before the package, which are here."""
    count = package.start - package.subtree_start
    hashes = logs.tile_hashes(rows, id, 0, package.start // TILE_WIDTH)[: count * HASH_BYTES]
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


def _cut(rows: Rows, head: Head, size: int) -> None:
    """Throws away what is beyond."""
    addresses.cut_given(rows, head.id, size)
    logs.cut(rows, head.id, size)


# ---- where to go on


def _info(status: int, keeper: Keeper, head: Head, goal: Checkpoint | None) -> Answer:
    """Where to go on: up to which head, from which entry, with which ticket."""
    if goal is None or goal.size < head.size:
        goal = _pending(head) or _accepted(head)
    size, ticket = (0, b"") if goal is None else (goal.size, _ticket(keeper, goal))
    return Answer(status, mirror.mirror_info(size, head.reached, ticket), INFO_TYPE)


def _ticket(keeper: Keeper, goal: Checkpoint) -> bytes:
    note = bare(goal).note
    return hmac.digest(keeper.ticket_key, note, "sha256") + note


def _in_ticket(keeper: Keeper, upload: Upload) -> Checkpoint | None:
    """The head in a ticket that this mirror gave, if it is of this log."""
    mac, note = upload.ticket[:_MAC_BYTES], upload.ticket[_MAC_BYTES:]
    if not hmac.compare_digest(mac, hmac.digest(keeper.ticket_key, note, "sha256")):
        return None
    found = checkpoints.read(note)
    return found if found.origin == upload.origin else None

"""This node as a witness: it cosigns heads of logs, each continuing the last one. Source: C2SP tlog-witness.

The decision is `log.witness.decide`; here is its memory, in one transaction with the decision: two requests
at once cannot roll it back, and no cosignature leaves before what it says is durable. Invariants:

- For each log one head is remembered, the last one that was cosigned, and its time never goes back.
- A head that contradicts what is remembered, or the entries that are here, gets no cosignature, and becomes a
  proof (`keeping.convict`).
"""

from __future__ import annotations

from millpond.errors import InputError
from millpond.log import checkpoint as checkpoints
from millpond.log import cosignature, witness
from millpond.log.checkpoint import Checkpoint
from millpond.log.keys import Key
from millpond.log.witness import AddCheckpoint, Decision, Status
from millpond.network.keeping import Answer, Keeper, bare, convict, is_known, says
from millpond.store import Rows, logs

MOST_BACK_S = 300
"""That this machine's clock may have been put back: the time of the last cosignature is said once more."""
RETRY_S = 3_600
CONTRADICTS = "The log signed another history of entries that are here: see its checkpoint at this node."


def add_checkpoint(rows: Rows, request: AddCheckpoint, keeper: Keeper, *, now_ms: int) -> Answer:
    """The answer to `add-checkpoint`, and what is remembered from it."""
    origin = request.claim.origin
    known, last_s = _remembered(rows, origin)
    decision = witness.decide(request, known, is_known(rows, origin))
    head = decision.accepted or _signed(request, decision)
    contradicts = head is not None and convict(rows, head, known, now_ms=now_ms)
    if decision.accepted is None:
        return refused(decision)
    if contradicts:
        return says(422, CONTRADICTS)
    time_s = max(now_ms // 1_000, last_s)
    if time_s > now_ms // 1_000 + MOST_BACK_S:
        late = says(
            503, "The clock of this witness is behind its last cosignature: its keeper has to set it."
        )
        return Answer(late.status, late.body, headers={"retry-after": str(RETRY_S)})
    return Answer(200, cosign(rows, decision.accepted, keeper.witness, time_s).encode())


def cosign(rows: Rows, head: Checkpoint, key: Key, time_s: int) -> str:
    """The cosignature of a head that was decided on, remembered: its line."""
    line = cosignature.cosign(head, key.did, key, time_s)
    rows.run(
        "network_keeping.set_witnessed",
        origin=head.origin,
        hash=logs.origin_hash(head.origin),
        size=head.size,
        note=cosignature.with_lines(bare(head), [line]),
        cosigned_s=time_s,
    )
    return line


def cosign_if_next(rows: Rows, id: int, head: Checkpoint, key: Key, *, now_ms: int) -> str:
    """The same for a head over entries that are here, if it continues what was cosigned; else "".

    `id` is the log, which has the entries of the head under it.
    """
    known, last_s = _remembered(rows, head.origin)
    if known is not None:
        if known.size > head.size or logs.root_at(rows, id, known.size) != known.root:
            return ""
        if last_s > now_ms // 1_000 + MOST_BACK_S:
            return ""
    return cosign(rows, head, key, max(now_ms // 1_000, last_s))


def shown(rows: Rows, hash: str) -> bytes | None:
    """The head that was cosigned last, of the log of this name in addresses; None if none was."""
    row = rows.one("network_keeping.witnessed_by_hash", hash=hash)
    return None if row is None else bytes(row["note"])


def refused(decision: Decision) -> Answer:
    """The answer to a request that changes nothing."""
    if decision.status is Status.CONFLICT:
        return Answer(409, witness.size_answer(decision.known_size), witness.SIZE_TYPE)
    return says(decision.status, decision.reason)


def _signed(request: AddCheckpoint, decision: Decision) -> Checkpoint | None:
    """The head of a request that was refused, if its log signed it: then it may be evidence."""
    if decision.status in (Status.UNKNOWN_LOG, Status.NOT_SIGNED):
        return None
    try:
        return checkpoints.verify(request.claim)
    except InputError:
        return None


def _remembered(rows: Rows, origin: str) -> tuple[Checkpoint | None, int]:
    """The head that was cosigned last, and when, in seconds since 1970."""
    row = rows.one("network_keeping.witnessed", origin=origin)
    if row is None:
        return None, 0
    return checkpoints.read(bytes(row["note"]), origin), row["cosigned_s"]

"""The keeper's side for others: `/mirror` (C2SP tlog-mirror) and `/witness` (C2SP tlog-witness).

Decisions are in `log`, memory and cosignatures in `network`; here is HTTP. What a witness or a mirror answers
leaves after it is durable.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from hashlib import sha256
from weakref import WeakKeyDictionary

from starlette.responses import Response

from millpond.errors import InputError, PeerError
from millpond.log import cosignature
from millpond.log import witness as rules
from millpond.log.keys import Key
from millpond.log.witness import AddCheckpoint
from millpond.network import attachments, keeping, mirroring, witnessing
from millpond.network.attachments import MAX_ATTACHMENT_BYTES, RefusedByKeeper, State
from millpond.network.keeping import Answer, Keeper
from millpond.node.node import Node
from millpond.store import Rows
from millpond.store.logs import origin_hash
from millpond.web.guard.pushes import Busy, Pushes
from millpond.web.logs.bodies import GZIP, pieces, unreadable
from millpond.web.logs.finding import is_hash, is_written_here, no_log
from millpond.web.logs.showing import BYTES, note
from millpond.web.plain import says
from millpond.web.visit import Visit

LATER_SECONDS = 30
_keepers: WeakKeyDictionary[Node, Keeper] = WeakKeyDictionary()


async def keeper(node: Node) -> Keeper:
    """The node's keeper; its secret is made on first use."""
    found = _keepers.get(node)
    if found is None:
        found = _keepers[node] = await asyncio.to_thread(
            lambda: keeping.keeper(node.network, node.vault, now_ms=node.clock())
        )
    return found


# ---- checkpoints


async def witness_checkpoint(visit: Visit) -> Response:
    """A checkpoint to be cosigned."""
    who = await keeper(visit.node)
    return await _add_checkpoint(
        visit, lambda rows, request: witnessing.add_checkpoint(rows, request, who, now_ms=visit.now_ms)
    )


async def mirror_checkpoint(visit: Visit) -> Response:
    """A checkpoint that entries will be pushed for."""
    return await _add_checkpoint(
        visit, lambda rows, request: mirroring.add_checkpoint(rows, request, now_ms=visit.now_ms)
    )


async def _add_checkpoint(visit: Visit, decide: Callable[[Rows, AddCheckpoint], Answer]) -> Response:
    refused = unreadable(visit.request)
    if refused is not None:
        return refused
    try:
        request = rules.parse_add_checkpoint(await visit.request.body())
    except InputError as error:
        return says(400, f"The body cannot be read: {error}.")
    if is_written_here(visit.node, origin_hash(request.claim.origin)):
        return says(403, mirroring.OWN)
    return _answer(await visit.node.network.awrite(lambda rows: decide(rows, request)))


async def witnessed(visit: Visit) -> Response:
    """The checkpoint of a log that was cosigned last."""
    found = witnessing.shown(visit.node.network.read, visit.word("hash"))
    return no_log() if found is None else note(visit, found)


async def pending(visit: Visit) -> Response:
    """The checkpoint of a log that entries are being pushed for."""
    found = mirroring.shown_pending(visit.node.network.read, visit.word("hash"))
    return no_log() if found is None else note(visit, found)


# ---- entries


async def mirror_entries(visit: Visit) -> Response:
    """Entries, package by package."""
    refused = unreadable(visit.request, types=(BYTES,), packings=(GZIP,))
    if refused is not None:
        return refused
    who = await keeper(visit.node)
    try:
        with _pushes(visit).place(visit.client):
            answer = await mirroring.add_entries(
                visit.node.network,
                who,
                pieces(visit.request),
                clock=visit.node.clock,
                is_own=lambda origin: is_written_here(visit.node, origin_hash(origin)),
            )
    except Busy:
        return _later()
    response = _answer(answer)
    response.headers["accept-encoding"] = GZIP
    return response


# ---- attachments


async def mirror_attachment(visit: Visit) -> Response:
    """A picture or document that a statement of a carried log names."""
    wanted, network = visit.word("sha256"), visit.node.network
    refused = unreadable(visit.request)
    if refused is not None:
        return refused
    state = attachments.state(network.read, wanted) if is_hash(wanted) else State.UNKNOWN
    if state is State.UNKNOWN:
        return says(404, "No statement of a log that is carried here names it: push the log first.")
    if state is State.REFUSED:
        return says(403, "The keeper of this node does not carry this attachment.")
    if state is State.TOO_LARGE:
        return says(413, f"An attachment has at most {MAX_ATTACHMENT_BYTES} bytes.")
    if state is State.HERE:
        return says(200, "It is here already.")
    try:
        with _pushes(visit).place(visit.client):
            data = await visit.request.body()
            if sha256(data).hexdigest() != wanted:
                return says(422, "The bytes have another hash.")
            await network.awrite(lambda rows: attachments.accept(rows, wanted, data))
    except Busy:
        return _later()
    except (PeerError, RefusedByKeeper) as error:
        return says(403, f"It is not taken: {error.problem}.")
    return says(201, "It is kept.")


# ---- keys


async def mirror_key(visit: Visit) -> Response:
    """The key of the mirror, as a C2SP vkey."""
    return _key((await keeper(visit.node)).mirror)


async def witness_key(visit: Visit) -> Response:
    """The key of the witness, as a C2SP vkey."""
    return _key((await keeper(visit.node)).witness)


def _key(key: Key) -> Response:
    return says(200, cosignature.vkey_of(key.did, key.public), {"cache-control": "no-cache"})


# ---- inside


def _answer(answer: Answer) -> Response:
    return Response(answer.body, answer.status, {"content-type": answer.media_type, **answer.headers})


def _later() -> Response:
    headers = {"retry-after": str(LATER_SECONDS)}
    return says(429, "Too much is being pushed here at this moment: try again in half a minute.", headers)


def _pushes(visit: Visit) -> Pushes:
    pushes = visit.request.app.state.pushes
    assert isinstance(pushes, Pushes)
    return pushes

"""Following a log through sources that nobody trusts: fetch its checkpoint, fetch what is missing, compare.

    pull            from one source
    pull_from_any   from several: the longest head that is right wins, and where they disagree, it is noted

1. The checkpoint is asked for. If it is the one that was here, that was all: one conditional request.
2. Its signature is checked; then the entries from the first missing one on are fetched and stored as they
   come. Nothing else is fetched while all goes well.
3. The entries have the checkpoint's root, and are the author's; or they have not, and the tiles of the source
   say whose fault that is (`network.proving`): who gave the first false entry, the source that shows tiles
   without the root, or the author, who signed two histories (`network.contradictions`).
4. Statements are checked one by one, and what they say is noted (`network.reading`).

Invariants:
- Entries beyond the log's checkpoint are shown to nobody until a signed root is put over them.
- What arrived whole is durable within seconds, and never fetched again: from whatever source, a pull goes on
  at the entry after the last one. A cut at any point leaves a state that the next pull goes on from.
- A source that is slow, by nature or on purpose, does not keep others from being asked.
- A source can hold back, and waste at most `MOST_UNPROVEN_BYTES` of disk and line until it is found out. It
  can change nothing, and accuse nobody falsely.
- Never two roots for one size; a log with two histories stays where it is, and the proof is kept.

Everything may be cancelled at any point. Two pulls of one log at once do no harm; one of them waits in vain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from millpond.errors import InputError, PeerError, Unreachable
from millpond.log import checkpoint as checkpoints
from millpond.log.checkpoint import Checkpoint
from millpond.log.equivocation import Equivocation
from millpond.network import addresses, contradictions, reading
from millpond.network.one_source import Outcome, Pull, known_log
from millpond.network.reading import Fold
from millpond.network.sources import Source
from millpond.store import Database
from millpond.store.logs import Head

Result = TypeVar("Result")

MOST_ASKED = 8
"""Sources of one log that are asked in one go."""
HEAR_SECONDS = 60.0
"""For a checkpoint, some kilobytes: all sources are heard before the first is followed."""
SHARE_SECONDS = 30.0
"""That one source may take while others wait to give the same: drips of one keep nobody from the others."""
GENTLY_READ = 128
"""Statements checked before a rest: some 5 ms on two cores."""


_TELLING = (Outcome.PART, Outcome.GREW, Outcome.NOTHING_NEW, Outcome.BEHIND)
"""What several sources came to in one word, the first of these that holds."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull did: the log as it is now, how many entries it grew by, how many statements were read."""

    outcome: Outcome
    head: Head
    added: int = 0
    read: int = 0
    proof: Equivocation | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What a source showed: a checkpoint signed by the log's key, None if there is no new one."""

    source: Source
    checkpoint: Checkpoint | None = None
    etag: str = ""


async def pull(
    db: Database,
    id: int,
    source: Source,
    *,
    now_ms: int,
    fold: Fold | None = None,
    reads: bool = True,
) -> Pulled:
    """Brings a log up to what the source has; the source is noted if it was not.

    Raises `PeerError` if the source gave something false, `Unreachable` if it does not answer, or no more;
    both are noted with the source, and what came until then is kept. With `reads`, statements are checked and
    folded.
    """
    return await _pulled(db, id, [source], now_ms=now_ms, fold=fold, reads=reads)


async def pull_from_any(
    db: Database,
    id: int,
    sources: Sequence[Source],
    *,
    now_ms: int,
    fold: Fold | None = None,
    reads: bool = True,
) -> Pulled:
    """The same from several sources: those that are due are asked for their heads, at most `MOST_ASKED`.

    The longest head comes first; where a source fails, the next one goes on with what is missing. Raises the
    first error if no source gave anything right.
    """
    due = addresses.in_turn(db.read, id, sources, now_ms=now_ms)[:MOST_ASKED]
    if not due:
        return Pulled(Outcome.RESTS, known_log(db.read, id))
    return await _pulled(db, id, due, now_ms=now_ms, fold=fold, reads=reads)


async def read_all(db: Database, id: int, fold: Fold | None = None, *, gently: bool = False) -> int:
    """Checks every statement under the checkpoint that was not checked yet; returns how many.

    Gently: a few at a time, with a rest as long as they took, for who has pages to show meanwhile.
    """
    count, clock = 0, asyncio.get_running_loop().time
    while True:
        known = known_log(db.read, id)
        if known.checked >= known.size or known.broken_at is not None:
            return count
        begun, most = clock(), GENTLY_READ if gently else reading.MOST
        count += await asyncio.to_thread(reading.read_on, db, id, fold, most=most)
        if gently:
            await asyncio.sleep(clock() - begun)


# ---- the heads of sources


async def _pulled(
    db: Database, id: int, sources: Sequence[Source], *, now_ms: int, fold: Fold | None, reads: bool
) -> Pulled:
    before = known_log(db.read, id)
    proof = contradictions.proof_of(db.read, before.origin)
    outcomes: set[Outcome] = set()
    problems: list[PeerError | Unreachable] = []
    if proof is None:
        answers = await _all([_hear(db, id, source, now_ms=now_ms) for source in sources])
        problems = [answer for answer in answers if not isinstance(answer, Heard)]
        in_turn = sorted([answer for answer in answers if isinstance(answer, Heard)], key=_longest_first)
        for heard in in_turn:
            try:
                async with asyncio.timeout(None if heard is in_turn[-1] else SHARE_SECONDS):
                    pull = Pull(db, id, heard.source, now_ms)
                    outcome, proof = await pull.follow(heard.checkpoint, heard.etag)
                outcomes.add(outcome)
            except TimeoutError:
                outcomes.add(Outcome.PART)
            except (PeerError, Unreachable) as error:
                problems.append(error)
            if proof is not None:
                break
    read = await read_all(db, id, fold) if reads else 0
    known = known_log(db.read, id)
    added = known.size - before.size
    if proof is not None:
        return Pulled(Outcome.CONTRADICTS, known, added, read, proof)
    if not outcomes:
        raise problems[0]
    return Pulled(min(outcomes, key=_TELLING.index), known, added, read)


async def _all(jobs: Sequence[Coroutine[Any, Any, Result]]) -> list[Result]:
    """What they come to, at once; none is still at work when this ends, however it does."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _longest_first(heard: Heard) -> int:
    return -heard.checkpoint.size if heard.checkpoint is not None else 1


async def _hear(db: Database, id: int, source: Source, *, now_ms: int) -> Heard | PeerError | Unreachable:
    """The source's checkpoint, if its signature holds; or what went wrong, which is noted."""
    known, row = known_log(db.read, id), addresses.one(db.read, id, source.address)
    if row is None:
        await db.awrite(lambda rows: addresses.add(rows, id, source.address))
    try:
        is_known = row is not None and row.size <= known.size and known.checkpoint is not None
        async with asyncio.timeout(HEAR_SECONDS):
            shown = await source.checkpoint(row.etag if row is not None and is_known else "")
        if shown is None:
            return Heard(source)
        return Heard(source, checkpoints.read(shown.note, known.origin), shown.etag)
    except InputError as error:
        problem: PeerError | Unreachable = PeerError(
            f"its checkpoint is none of this log: {error.problem}", at=error.at, name=source.address
        )
    except TimeoutError:
        problem = Unreachable(f"gave no whole checkpoint in {HEAR_SECONDS:.0f} s", name=source.address)
    except (PeerError, Unreachable) as error:
        problem = error
    await db.awrite(lambda rows: addresses.failed(rows, id, source.address, problem, now_ms=now_ms))
    return problem

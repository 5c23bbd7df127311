"""What must hold in the simulated network: after every step, and once it is healed.

1. No statement that its author was told stands, is lost, or stands elsewhere.
2. An honest author never signs two roots for one size, whatever crashes.
3. What a follower shows is the beginning of a history that its author wrote, entry by entry.
4. Nobody is convicted but who signed two histories; and a proof that is kept convicts by itself.
5. A keeper's cosignatures are all of one history of a log.
6. Once everything works: followers have what the author has, and whoever could see two histories has the
   proof of it.
"""

from __future__ import annotations

from sim_world import Author, Follower, World

from millpond.log import checkpoint as checkpoints
from millpond.log import equivocation
from millpond.log.checkpoint import Claim
from millpond.network import contradictions
from millpond.store import Rows, logs

SAMPLE = 20
"""Acknowledged statements that are looked up after a step; at the end it is all of them."""


def check(world: World) -> None:
    """After every step."""
    for machine in world.machines:
        if not machine.disk.has_changed():
            continue
        if isinstance(machine, Author):
            check_author(machine, sample=world.rng.sample)
        if isinstance(machine, Follower):
            for origin in world.sources:
                check_log(world, machine, origin)
    check_cosignatures(world)


def check_author(author: Author, *, sample: object = None) -> None:
    """1 and 2."""
    rows = author.db.read
    head = logs.head(rows, author.origin)
    acknowledged = list(author.acknowledged.items())
    if head is None or head.checkpoint is None:
        assert not acknowledged, "everything is gone"
        return
    signed = checkpoints.read(head.checkpoint, author.origin)
    assert signed.size == head.size == head.reached
    assert author.heads[signed.size] == signed.root
    assert logs.root_at(rows, head.id, head.size) == signed.root
    if callable(sample) and len(acknowledged) > SAMPLE:
        acknowledged = sample(acknowledged, SAMPLE)
    for entry, position in acknowledged:
        assert logs.entry(rows, head.id, position) == entry, f"the statement at {position} is lost"


def check_log(world: World, reader: Follower, origin: str) -> None:
    """3 and 4, at one who follows."""
    rows = reader.db.read
    for found in contradictions.of_origin(rows, origin):
        if found.is_proven:
            proof = equivocation.check(found.proof)
            assert proof.origin == origin
            assert origin in world.forks, "an honest author is convicted"
    head = logs.head(rows, origin)
    if head is None:
        return
    before = reader.sizes.get(origin, 0)
    assert before <= head.size <= head.reached, "the log has become shorter"
    assert head.broken_at is None
    assert head.checked <= head.size
    if head.checkpoint is None:
        assert head.size == 0
        return
    signed = checkpoints.read(head.checkpoint, origin)
    assert signed.size == head.size
    assert logs.root_at(rows, head.id, head.size) == signed.root
    author = writer_of(world, signed)
    theirs = logs.head(author.db.read, origin)
    assert theirs is not None
    mine = logs.entries(rows, head.id, before, head.size)
    assert mine == logs.entries(author.db.read, theirs.id, before, head.size), "an entry is another one"
    reader.sizes[origin] = head.size
    if head.reached == head.size:
        assert rows.value("network_sources.other_givers", log=head.id, address="") == 0, "a note is left over"


def writer_of(world: World, signed: Claim) -> Author:
    """The history that this head is of."""
    for author in world.versions(signed.origin):
        if author.heads.get(signed.size) == signed.root:
            return author
    raise AssertionError(f"nobody wrote the head of {signed.size} entries that is shown")


def check_cosignatures(world: World) -> None:
    """5."""
    for (origin, _), cosigned in world.cosigned.items():
        if cosigned and origin in world.forks:
            heads = [(one.checkpoint.size, one.checkpoint.root) for one in cosigned]
            assert any(
                all(author.heads.get(size) == root for size, root in heads)
                for author in world.versions(origin)
            ), "two histories are cosigned"


def check_healed(world: World) -> None:
    """6, after some rounds in which everything works."""
    for machine in world.machines:
        if isinstance(machine, Author):
            check_author(machine)
    for reader in world.readers:
        for origin in world.sources:
            check_log(world, reader, origin)
            first, *others = world.versions(origin)
            rows = reader.db.read
            if others and has_diverged(first.db.read, others[0].db.read, origin):
                assert contradictions.is_contradicted(rows, origin), f"{reader.name} saw two histories"
                continue
            theirs, mine = (
                max(size_of(one.db.read, origin) for one in (first, *others)),
                size_of(rows, origin),
            )
            assert mine == theirs, f"{reader.name} has {mine} of {theirs} entries"
            assert not contradictions.of_origin(rows, origin), "a suspicion is left over"
            head = logs.head(rows, origin)
            assert head is None or head.checked == head.size, "statements were not read"


def size_of(rows: Rows, origin: str) -> int:
    """Entries under the log's checkpoint."""
    head = logs.head(rows, origin)
    return 0 if head is None else head.size


def has_diverged(one: Rows, other: Rows, origin: str) -> bool:
    """Whether neither of two histories continues the other."""
    size = min(size_of(one, origin), size_of(other, origin))
    roots = []
    for rows in (one, other):
        head = logs.head(rows, origin)
        assert head is not None
        roots.append(logs.root_at(rows, head.id, size))
    return roots[0] != roots[1]

"""Taking in somebody's log: every statement verified, or all by a checkpoint with Hypercore beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from bench.load.patterns import wait_until_quiet
from bench.logs import ingest
from bench.logs.statements import KEY, signed
from bench.peers import hypercore
from bench.work import Figure, Row, Scale, Work, percent, say, table

BATCHES = (64, 256, 1_024)
REPEATS = 5
VERIFIED_ENTRIES = 16_384
REACH_SHARE = 0.85
CHECKPOINT_ENTRIES = 102_400
PEER_ENTRIES = 51_200
REACH_RATE = 50_000


# ---- every statement verified


def measure_verified(scale: Scale) -> list[Row]:
    """A row for each batch size and repetition, the bound measured just before."""
    return list(_verified(scale))


def _verified(scale: Scale) -> Iterator[Row]:
    count = VERIFIED_ENTRIES // (4 if scale.quick else 1)
    entries = signed(count)
    heads = {batch: ingest.heads(entries, KEY, batch) for batch in BATCHES}
    for seed in scale.seeds(REPEATS):
        wait_until_quiet(10)
        for batch in BATCHES:
            raw = ingest.raw_seconds(entries, KEY.public)
            took = ingest.ingest_seconds(entries, heads[batch], batch, each=True)
            row = {"seed": seed, "batch": batch, "entries": count, "raw_seconds": raw, "seconds": took}
            say(f"batches of {batch}: {raw / took:.1%} of the bound, {count / took:,.0f} a second")
            yield row


def figures_verified(rows: Sequence[Row]) -> list[Figure]:
    target = f"at least {REACH_SHARE:.0%} of PyNaCl's bare verification"
    found = []
    for batch in BATCHES:
        shares = [row["raw_seconds"] / row["seconds"] for row in rows if row["batch"] == batch]
        if shares:
            share = median(shares)
            work = f"verified ingest, fsync, batches of {batch:,}"
            found.append(Figure(work, target, percent(share, 1), share >= REACH_SHARE))
    return found


def tables_verified(rows: Sequence[Row]) -> str:
    lines = []
    for batch in BATCHES:
        chosen = [row for row in rows if row["batch"] == batch]
        if chosen:
            shares = sorted(row["raw_seconds"] / row["seconds"] for row in chosen)
            lines.append(
                (
                    f"{batch:,}",
                    len(chosen),
                    f"{median(row['entries'] / row['raw_seconds'] for row in chosen):,.0f}",
                    f"{median(row['entries'] / row['seconds'] for row in chosen):,.0f}",
                    *(percent(share, 1) for share in (shares[0], median(shares), shares[-1])),
                )
            )
    head = ("batch", "runs", "PyNaCl alone, a second", "ingest, a second", "least share", "median", "most")
    return table(head, lines)


VERIFIED = Work(
    f"""\
{VERIFIED_ENTRIES:,} statements of some 400 bytes come in batches, each batch under a new checkpoint and in a
transaction of its own that is durable (SQLite, WAL, synchronous=FULL) before the next one's begins; a batch
is checked while the one before is being written. Of each statement: strict JSON, form, its own signature, its
place in the tree, its name in the index. The bound is the same statements' signatures through
`nacl.bindings.crypto_sign_open` in a loop, one thread, nothing else, just before each run; the share is taken
run by run. Ingest may use the machine's other core: libsodium runs without Python's lock.""",
    measure_verified,
    figures_verified,
    tables_verified,
)


# ---- by checkpoint


def measure_checkpoint(scale: Scale) -> list[Row]:
    """Rows of ours and of Hypercore's, in turn."""
    return list(_by_checkpoint(scale))


def _by_checkpoint(scale: Scale) -> Iterator[Row]:
    has_peer = hypercore.install()
    if not has_peer:
        say(f"{hypercore.NEEDED}: left out")
    count, fewer = (n // (4 if scale.quick else 1) for n in (CHECKPOINT_ENTRIES, PEER_ENTRIES))
    entries = signed(count)
    heads = {batch: ingest.heads(entries, KEY, batch) for batch in BATCHES}
    for seed in scale.seeds(REPEATS):
        wait_until_quiet(10)
        for batch in BATCHES:
            took = ingest.ingest_seconds(entries, heads[batch], batch, each=False)
            yield {"who": "millpond", "seed": seed, "batch": batch, "entries": count, "seconds": took}
            say(f"batches of {batch}: {count / took:,.0f} a second")
            if has_peer:
                (told,) = hypercore.measure(entries[:fewer], (batch,))
                say(f"Hypercore {fewer / told['append_seconds']:,.0f}, {fewer / told['copy_seconds']:,.0f}")
                here = {"version": hypercore.version(), "seed": seed, "entries": fewer}
                yield {"who": "hypercore", **here, **told}


def rates(rows: Sequence[Row], who: str, batch: int, seconds: str) -> list[float]:
    """Entries a second of each run."""
    chosen = [row for row in rows if row["who"] == who and row["batch"] == batch]
    return [row["entries"] / row[seconds] for row in chosen]


def figures_checkpoint(rows: Sequence[Row]) -> list[Figure]:
    found = []
    target = f"at least {REACH_RATE:,} statements a second, and ahead of Hypercore's append and copy"
    for batch in BATCHES:
        ours = rates(rows, "millpond", batch, "seconds")
        if not ours:
            continue
        peers = [
            median(of)
            for name in ("append_seconds", "copy_seconds")
            if (of := rates(rows, "hypercore", batch, name))
        ]
        text = f"{median(ours):,.0f}"
        if peers:
            text += "; Hypercore {:,.0f} and {:,.0f}".format(*peers)
        reached = bool(peers) and median(ours) >= max(REACH_RATE, *peers)
        found.append(Figure(f"ingest by checkpoint, fsync, batches of {batch:,}", target, text, reached))
    return found


def tables_checkpoint(rows: Sequence[Row]) -> str:
    lines = []
    for batch in BATCHES:
        for who, what, name in (
            ("millpond", "taken in, durable a batch", "seconds"),
            ("hypercore", "appended, not flushed", "append_seconds"),
            ("hypercore", "copied to a reader", "copy_seconds"),
        ):
            of = rates(rows, who, batch, name)
            if of:
                cells = (f"{least:,.0f}" for least in (min(of), median(of), max(of)))
                lines.append((f"{batch:,}", who, what, len(of), *cells))
    told = table(("batch", "who", "what", "runs", "least a second", "median", "most"), lines)
    versions = sorted({row["version"] for row in rows if row["who"] == "hypercore"})
    return "\n\n".join([told, *(f"Hypercore is {version}." for version in versions)])


CHECKPOINT = Work(
    """\
The same statements in batches, each under a checkpoint whose signature and root are verified before the batch
is durable (SQLite, WAL, synchronous=FULL), a batch after the other; what single statements say is not looked
at. Hypercore, npm's, in turn on the same records and batches: `append` hashes a batch into its tree, signs
the root and keeps it in RocksDB, which it does not tell to fsync; its copy is another process that takes the
log over a socket of this machine by Hypercore's protocol and verifies each block against the signed root.""",
    measure_checkpoint,
    figures_checkpoint,
    tables_checkpoint,
)

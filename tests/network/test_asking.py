"""Asking witnesses: of others (aics-witness, as a process), in memory; what becomes of their cosignatures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import foreign
import httpx2
import pytest
from other_keepers import TIME_S, OtherKeeper, grown
from static_logs import entries_of, key_of, vkey_of

from millpond.errors import InputError, PeerError
from millpond.log import checkpoint, cosignature, equivocation, inclusion, note
from millpond.log.checkpoint import Checkpoint
from millpond.log.keys import Key
from millpond.network import asking
from millpond.network.asking import Conflict, Cosigned, LogAt, Result
from millpond.network.calling import make_client
from millpond.store import Database, open_network

KEY = key_of(1)
ENTRIES = entries_of(700)
WITNESS = "https://pond.example/witness"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_network(tmp_path / "network.db") as db:
        yield db


@pytest.fixture
def keeper() -> OtherKeeper:
    return OtherKeeper({KEY.did})


def grow(db: Database, size: int, entries: list[bytes] = ENTRIES) -> LogAt:
    """The log with its first `size` entries under a checkpoint."""
    return grown(db, KEY, size, entries)


def run(client: httpx2.AsyncClient, work: Callable[[httpx2.AsyncClient], Awaitable[Result]]) -> Result:
    async def go() -> Result:
        async with client:
            return await work(client)

    return asyncio.run(go())


def ask(keeper: OtherKeeper, log: LogAt, known: int = 0) -> Cosigned:
    return run(
        keeper.client(),
        lambda client: asking.ask_witness(client, log, WITNESS, keeper.cosigner, known=known),
    )


# ---- a witness of others


def test_a_witness_of_others_cosigns_as_the_log_grows_and_refuses_a_fork(
    db: Database, tmp_path: Path
) -> None:
    with foreign.witness(tmp_path / "witness", [(KEY.did, vkey_of(KEY))]) as witness:
        cosigner = asking.cosigner_of(witness.vkey)

        async def work(client: httpx2.AsyncClient) -> Conflict:
            for size, known in [(0, 0), (1, 0), (257, 1), (257, 257), (700, 3), (700, 9_999)]:
                log = grow(db, size)
                cosigned = await asking.ask_witness(client, log, witness.url, cosigner, known=known)
                assert db.write(lambda rows, log=log, one=cosigned: asking.keep(rows, log.id, [one])) == 1
                shown = asking.head_in(db.read, log.id)
                seen_s = cosignature.verify(shown, shown.note, cosigner.name, cosigner.public)
                assert (shown.size, seen_s) == (size, cosigned.time_s)
                assert shown.note.count("— ".encode()) == 2  # the one before gave way
            with open_network(tmp_path / "stolen.db") as other:
                forked = grow(other, 700, entries_of(700, "forged"))
                with pytest.raises(Conflict) as caught:
                    await asking.ask_witness(client, forked, witness.url, cosigner)
            return caught.value

        conflict = run(make_client(), work)
    assert conflict.proof is not None
    assert equivocation.check(conflict.proof.write()).origin == KEY.did


# ---- whose cosignature counts


def test_a_cosigner_is_a_did_or_a_key_of_c2sp(keeper: OtherKeeper) -> None:
    assert asking.cosigner_of(KEY.did) == note.VerifierKey(KEY.did, note.COSIGNATURE, KEY.public)
    assert asking.cosigner_of(cosignature.vkey_of(keeper.name, keeper.key.public)) == keeper.cosigner
    with pytest.raises(InputError, match="is the key of a log"):
        asking.cosigner_of(vkey_of(KEY))
    with pytest.raises(InputError):
        asking.cosigner_of("https://pond.example")


def test_lines_of_others_are_not_taken(db: Database, keeper: OtherKeeper) -> None:
    log = grow(db, 5)
    head = asking.head_in(db.read, log.id)
    stranger = cosignature.cosign(head, "else.example", Key(b"e" * 32), TIME_S)
    own = cosignature.cosign(head, keeper.name, keeper.key, TIME_S)
    keeper.answers = lambda _: httpx2.Response(200, text=stranger + own)
    cosigned = ask(keeper, log)
    assert cosigned.lines == own


@pytest.mark.parametrize(
    "lines",
    [
        lambda head: "",
        lambda head: "nonsense",
        lambda head: cosignature.cosign(head, "mirror.example/m1", Key(b"x" * 32), TIME_S),
        lambda head: cosignature.cosign(head, "else.example", Key(b"k" * 32), TIME_S),
        lambda head: cosignature.cosign(
            checkpoint.sign(KEY.did, 6, b"r" * 32, KEY), "mirror.example/m1", Key(b"k" * 32), TIME_S
        ),
    ],
    ids=["nothing", "no line", "another key", "another name", "another checkpoint"],
)
def test_what_does_not_hold_is_not_taken(
    db: Database, keeper: OtherKeeper, lines: Callable[[Checkpoint], str]
) -> None:
    log = grow(db, 5)
    answer = lines(asking.head_in(db.read, log.id))
    keeper.answers = lambda _: httpx2.Response(200, text=answer)
    with pytest.raises(PeerError, match=r"does not count|did not cosign it as"):
        ask(keeper, log)


def test_a_witness_that_is_asked_with_the_right_size_is_asked_once(db: Database, keeper: OtherKeeper) -> None:
    ask(keeper, grow(db, 300))
    keeper.seen.clear()
    ask(keeper, grow(db, 700), known=300)
    assert len(keeper.seen) == 1


def test_a_witness_that_changes_its_mind_each_time_is_left(db: Database, keeper: OtherKeeper) -> None:
    sizes = iter([7, 8, 9, 10, 11])
    keeper.answers = lambda _: httpx2.Response(409, text=f"{next(sizes)}\n")
    with pytest.raises(PeerError, match="each time it knew another size"):
        ask(keeper, grow(db, 300))


# ---- what becomes of them


def test_cosignatures_of_an_older_checkpoint_are_let_go(db: Database, keeper: OtherKeeper) -> None:
    log = grow(db, 5)
    cosigned = ask(keeper, log)
    grow(db, 6)
    assert db.write(lambda rows: asking.keep(rows, log.id, [cosigned])) == 0
    assert asking.head_in(db.read, log.id).note.count("— ".encode()) == 1


def receipt(keepers: list[OtherKeeper], log: LogAt, position: int, wanted: int) -> bytes:
    """Each keeper answers at an address of its own."""
    by_host = {f"w{number}.example": keeper for number, keeper in enumerate(keepers)}

    async def answer(request: httpx2.Request) -> httpx2.Response:
        return await by_host[request.url.host]._answer(request)

    return run(
        httpx2.AsyncClient(transport=httpx2.MockTransport(answer)),
        lambda client: asking.receipt_with_cosignatures(
            client,
            log,
            position,
            [(f"https://{host}/witness", keeper.cosigner) for host, keeper in by_host.items()],
            wanted=wanted,
        ),
    )


def witnesses(count: int) -> list[OtherKeeper]:
    return [
        OtherKeeper({KEY.did}, f"w{number}.example", Key(bytes([number + 1]) * 32)) for number in range(count)
    ]


def test_a_receipt_with_cosignatures_holds_by_itself(db: Database) -> None:
    asked = witnesses(3)
    asked[1].answers = lambda _: httpx2.Response(503)
    data = receipt(asked, grow(db, 300), 17, wanted=2)
    proof = inclusion.check(data, ENTRIES[17], KEY.did)
    for keeper in (asked[0], asked[2]):
        cosignature.verify(proof.checkpoint, proof.checkpoint.note, keeper.name, keeper.key.public)


def test_too_few_witnesses_are_named(db: Database) -> None:
    asked = witnesses(2)
    asked[1].answers = lambda _: httpx2.Response(404)
    with pytest.raises(PeerError, match=r"fewer than 2 of 2 .*w1\.example/witness: does not carry this log"):
        receipt(asked, grow(db, 300), 17, wanted=2)


def test_a_log_that_grows_while_its_witnesses_are_asked(db: Database) -> None:
    """The first sees a checkpoint that the second does not see any more: then both are asked again."""
    asked = witnesses(2)

    def grown(_: httpx2.Request) -> None:
        grow(db, 301)

    asked[0].answers = grown
    data = receipt(asked, grow(db, 300), 17, wanted=2)
    assert inclusion.check(data, ENTRIES[17], KEY.did).checkpoint.note.count("— ".encode()) == 3


def test_a_conflict_is_heard_whatever_the_others_say(db: Database) -> None:
    asked = witnesses(2)
    asked[1].answers = lambda _: httpx2.Response(409, text="301\n")
    with pytest.raises(Conflict):
        receipt(asked, grow(db, 300), 17, wanted=1)

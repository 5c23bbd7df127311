"""What a real node serves, in the hands of others: aics-tlog audits it, aics-witness cosigns it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import httpx2
import pytest
from commands import millpond
from foreign import audit, tlog, witness
from served import Served, served
from small_nodes import set_up
from static_logs import entries_of, head_of, key_of, vkey_of

from millpond.errors import InputError
from millpond.log import checkpoint, cosignature, inclusion, note, statement
from millpond.log.keys import Key
from millpond.network import asking, keeping
from millpond.network.asking import Conflict, LogAt
from millpond.network.calling import make_client
from millpond.node import own_log
from millpond.node.node import Node
from millpond.store import Database, Rows, logs, open_network
from millpond.store.logs import origin_hash

Result = TypeVar("Result")
OWN, CARRIED = key_of(11), key_of(12)
SIZES = {OWN: 300, CARRIED: 700}


def said(number: int) -> bytes:
    """An entry of the room's own log."""
    return statement.sign(statement.write("note/1", OWN.did, number, {"text": f"第{number}句"}), OWN)


def put(db: Database, key: Key, entries: list[bytes]) -> int:
    """A log in this file, under a checkpoint of its key; its number."""

    def job(rows: Rows) -> int:
        id = logs.begin(rows, key.did).id
        logs.put(rows, id, entries)
        logs.accept(rows, id, head_of(entries, key))
        return id

    return db.write(job)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node with a room that has said something, and with a log that it carries."""
    folder = tmp_path_factory.mktemp("node") / "data"
    with Node(folder) as started:
        set_up(started)
        room = started.room("pond")
        assert room is not None
        own_log.note(started, "pond", OWN.did)
        room.db.write(lambda rows: own_log.add_key(started, rows, OWN, now_ms=started.clock()))
        entries = [said(number) for number in range(SIZES[OWN])]
        room.db.write(lambda rows: own_log.append_in(rows, OWN, entries))
        started.network.write(lambda rows: keeping.carry(rows, CARRIED.did))
        put(started.network, CARRIED, entries_of(SIZES[CARRIED]))
    return folder


@pytest.fixture(scope="module")
def node(data: Path) -> Iterator[Served]:
    """The same, answering."""
    with served(data) as serving:
        yield serving


def address(node: Served, key: Key) -> str:
    return f"{node.url}/logs/{origin_hash(key.did)}"


@pytest.mark.parametrize("key", [OWN, CARRIED], ids=["a room's own", "carried"])
def test_aics_tlog_audits_a_log_that_a_node_serves(node: Served, key: Key) -> None:
    found = audit(address(node, key), vkey_of(key), key.did)
    assert found.returncode == 0, found.stdout + found.stderr
    told = json.loads(found.stdout)
    assert (told["size"], told["bundles"]) == (SIZES[key], -(-SIZES[key] // 256))


def test_it_is_found_when_somebody_else_signs_for_the_log(node: Served) -> None:
    found = audit(address(node, OWN), vkey_of(CARRIED), CARRIED.did)
    assert found.returncode == 1
    assert "origin mismatch" in json.loads(found.stdout)["error"]


def test_who_kept_an_old_checkpoint_is_shown_that_the_log_only_grew(node: Served, tmp_path: Path) -> None:
    held = ("--tiles", address(node, OWN), "--log-key", vkey_of(OWN), "--origin", OWN.did)
    kept = tmp_path / "kept"
    assert tlog("verify-checkpoint", *held, "--save-checkpoint", str(kept)).returncode == 0
    old = checkpoint.read(kept.read_bytes(), OWN.did)
    for number in (1_000, 1_001):
        receipt = node.client.post(f"{address(node, OWN)}/append", content=said(number))
        assert receipt.status_code == 200, receipt.text
        inclusion.check(receipt.content, said(number), OWN.did)
    grown = tlog("verify-consistency", *held, "--old-checkpoint", str(kept))
    assert grown.returncode == 0, grown.stdout
    assert json.loads(grown.stdout)["new_size"] == old.size + 2
    still = tlog("verify-inclusion", *held, "--checkpoint", str(kept), "--index", str(old.size - 1))
    assert still.returncode == 0, "tiles of the old size are still there, cut out of those that grew"


def test_what_the_command_exports_is_audited_again_when_it_has_grown(
    node: Served, data: Path, tmp_path: Path
) -> None:
    folder, sizes = tmp_path / "stick" / "log", []
    for number in (2_000, 2_001):
        assert node.client.post(f"{address(node, OWN)}/append", content=said(number)).status_code == 200
        done = millpond("log", "export", folder, "--data", data)
        assert done.returncode == 0, done.stderr
        found = audit(folder, vkey_of(OWN), OWN.did)
        assert found.returncode == 0, found.stdout + found.stderr
        sizes.append(json.loads(found.stdout)["size"])
    assert sizes[1] == sizes[0] + 1


# ---- a witness of others


def ask(job: Callable[[httpx2.AsyncClient], Awaitable[Result]]) -> Result:
    async def asked() -> Result:
        async with make_client() as client:
            return await job(client)

    return asyncio.run(asked())


def test_aics_witness_cosigns_what_we_have_and_not_what_contradicts_it(tmp_path: Path) -> None:
    key, entries = key_of(13), entries_of(300)
    with (
        witness(tmp_path / "witness", [(key.did, vkey_of(key))]) as other,
        closing(open_network(tmp_path / "ours.db")) as ours,
        closing(open_network(tmp_path / "forked.db")) as forked,
        closing(open_network(tmp_path / "copied.db")) as copied,
    ):
        cosigner = asking.cosigner_of(other.vkey)

        def cosigned(db: Database, id: int) -> asking.Cosigned:
            return ask(lambda client: asking.ask_witness(client, LogAt(db, id), other.url, cosigner))

        id = put(ours, key, entries[:257])
        cosigned(ours, id)
        ours.write(lambda rows: logs.put(rows, id, entries[257:]))
        ours.write(lambda rows: logs.accept(rows, id, head_of(entries, key)))
        found = cosigned(ours, id)  # it says which size it knows, and gets the proof from there
        assert ours.write(lambda rows: asking.keep(rows, id, [found])) == 1
        kept = logs.head_by_id(ours.read, id).checkpoint
        assert kept is not None
        head = checkpoint.read(kept, key.did)
        assert cosignature.verify(head, kept, cosigner.name, cosigner.public) == found.time_s

        with pytest.raises(Conflict) as refused:
            cosigned(forked, put(forked, key, entries_of(300, "forked")))
        assert refused.value.proof is not None, "the witness shows the head that contradicts ours"
        with pytest.raises(Conflict) as older:
            cosigned(copied, put(copied, key, entries[:100]))
        assert older.value.size == 300
        assert older.value.proof is None, "an old copy of the log is no fraud"


def test_aics_witness_takes_no_log_that_it_was_not_told_of(tmp_path: Path) -> None:
    with witness(tmp_path / "witness", []) as other, closing(open_network(tmp_path / "ours.db")) as ours:
        log = LogAt(ours, put(ours, key_of(14), entries_of(3)))
        with pytest.raises(asking.PeerError, match="does not carry this log"):
            ask(lambda client: asking.ask_witness(client, log, other.url, asking.cosigner_of(other.vkey)))
    with pytest.raises(InputError):
        asking.cosigner_of(note.vkey(CARRIED.did, note.ED25519, CARRIED.public))

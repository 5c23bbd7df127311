"""Our logs in the hands of others: aics-tlog audits what the core writes, aics-witness cosigns it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from foreign import WITNESS_NAME, Witness, audit, cosigned, tlog, witness
from static_logs import entries_of, files_of, hash_at_of, head_of, key_of, vkey_of, write_log

from millpond.errors import InputError
from millpond.log import checkpoint, cosignature, note
from millpond.log.checkpoint import Checkpoint
from millpond.log.proofs import consistency_proof
from millpond.log.witness import write_add_checkpoint

KEY, OTHER = key_of(1), key_of(2)
LOGS = {size: key_of(size) for size in (100, 300, 500)}
"""A log of its own, known to the witness, for each test that has it cosigned."""


# ---- aics-tlog


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 70_000])
def test_a_log_is_audited_to_its_last_entry(tmp_path: Path, size: int) -> None:
    entries = entries_of(size)
    found = audit(write_log(tmp_path / "log", entries, KEY), vkey_of(KEY), KEY.did)
    assert found.returncode == 0, found.stdout + found.stderr
    told = json.loads(found.stdout)
    files = files_of(entries, KEY)
    bundles = sum(path.startswith("tile/entries/") for path in files)
    assert (told["size"], told["bundles"]) == (size, bundles)
    assert told["tiles"] == len(files) - bundles - 1, "each file was read"


def test_entries_of_the_largest_size_are_read(tmp_path: Path) -> None:
    entries = [bytes([65 + number % 26]) * 65_535 for number in range(3)]
    assert audit(write_log(tmp_path, entries, KEY), vkey_of(KEY), KEY.did).returncode == 0


@pytest.mark.parametrize("path", sorted(files_of(entries_of(600), KEY)))
def test_one_changed_byte_in_any_file_is_found(tmp_path: Path, path: str) -> None:
    write_log(tmp_path, entries_of(600), KEY)
    data = bytearray((tmp_path / path).read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / path).write_bytes(data)
    found = audit(tmp_path, vkey_of(KEY), KEY.did)
    assert found.returncode == 1, f"{path} is changed and nobody saw it"
    assert json.loads(found.stdout)["error"]


def test_another_keys_log_is_refused(tmp_path: Path) -> None:
    write_log(tmp_path, entries_of(3), OTHER)
    assert audit(tmp_path, vkey_of(KEY), KEY.did).returncode == 1


def test_single_entries_and_growth_are_proven(tmp_path: Path) -> None:
    entries = entries_of(700)
    folder = write_log(tmp_path / "log", entries, KEY)
    held = ("--tiles", str(folder), "--log-key", vkey_of(KEY), "--origin", KEY.did)
    (tmp_path / "entry").write_bytes(entries[555])
    assert (
        tlog("verify-inclusion", *held, "--index", "555", "--leaf", str(tmp_path / "entry")).returncode == 0
    )
    assert (
        tlog("verify-inclusion", *held, "--index", "554", "--leaf", str(tmp_path / "entry")).returncode == 1
    )
    for old, is_right in ((entries[:257], True), (entries_of(257, "forked"), False)):
        (tmp_path / "old").write_bytes(head_of(old, KEY).note)
        grown = tlog("verify-consistency", *held, "--old-checkpoint", str(tmp_path / "old"))
        assert (grown.returncode == 0) is is_right, grown.stdout


def test_our_cosignatures_are_theirs() -> None:
    head, name = head_of(entries_of(9), KEY), OTHER.did
    signed = cosignature.with_lines(head, [cosignature.cosign(head, name, OTHER, int(time.time()))])
    other_head = head_of(entries_of(10), KEY)
    moved = other_head.note + signed[len(head.note) :]
    key = cosignature.vkey_of(name, OTHER.public)
    assert cosigned([(signed, key), (moved, key), (head.note, key)]) == [True, False, False]


# ---- aics-witness


@pytest.fixture(scope="module")
def watching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witness]:
    """A witness of others that knows the logs of `LOGS`."""
    known = [(key.did, vkey_of(key)) for key in LOGS.values()]
    with witness(tmp_path_factory.mktemp("witness"), known) as started:
        yield started


def request(head: Checkpoint, old_size: int = 0, proof: tuple[bytes, ...] = ()) -> bytes:
    return write_add_checkpoint(old_size, proof, head.note)


def answered(watching: Witness, head: Checkpoint, body: bytes) -> int:
    """The time that stands in the answer, once it verified."""
    answer = watching.add_checkpoint(body)
    assert answer.status_code == 200, answer.text
    key = note.parse_vkey(watching.vkey)
    assert key.name == WITNESS_NAME
    time_s = cosignature.verify(head, answer.text, key.name, key.public)
    kept = cosignature.with_lines(head, [answer.text])
    assert cosignature.verify(checkpoint.read(kept, head.origin), kept, key.name, key.public) == time_s
    return time_s


def test_it_cosigns_from_the_empty_log_on(watching: Witness) -> None:
    key, entries, old = LOGS[300], entries_of(300), 0
    started_s = int(time.time())
    for size in (0, 1, 256, 300, 300):
        head = head_of(entries[:size], key)
        proof = consistency_proof(old, size, hash_at_of(entries)) if old else ()
        assert answered(watching, head, request(head, old, proof)) >= started_s
        old = size


def test_a_cosignature_of_another_checkpoint_is_refused_by_us(watching: Witness) -> None:
    head, other = (head_of(entries_of(size), LOGS[500]) for size in (4, 5))
    key = note.parse_vkey(watching.vkey)
    answer = watching.add_checkpoint(request(head))
    with pytest.raises(InputError):
        cosignature.verify(other, answer.text, key.name, key.public)


def test_it_refuses_our_forks_and_keeps_them(watching: Witness) -> None:
    key, entries, forked = LOGS[100], entries_of(100), entries_of(100, "forked")
    head = head_of(entries, key)
    answered(watching, head, request(head))
    same_size = head_of(forked, key)
    assert watching.add_checkpoint(request(same_size, 100)).status_code == 422
    longer = head_of([*forked, b"more\n"], key)
    proof = consistency_proof(100, 101, hash_at_of([*forked, b"more\n"]))
    assert watching.add_checkpoint(request(longer, 100, proof)).status_code == 422
    late = watching.add_checkpoint(request(longer, 7, proof))
    assert (late.status_code, late.text) == (409, "100\n")
    assert len(watching.evidence()) == 2, "what the log signed twice is kept against it"
    assert answered(watching, head, request(head, 100)), "and the log goes on where it was"


def test_it_knows_neither_strange_logs_nor_strange_signatures(watching: Witness) -> None:
    stranger = head_of(entries_of(3), key_of(7))
    assert watching.add_checkpoint(request(stranger)).status_code == 404
    head = head_of(entries_of(3), LOGS[500])
    text = note.parse(head.note).text
    forged = note.write(text, [note.sign(text, LOGS[500].did, OTHER)])
    body = request(head)[: -len(head.note)] + forged
    assert watching.add_checkpoint(body).status_code == 403

"""Receipts: that an entry stands in a log, in one text."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

import pytest
from hypothesis import given
from mangled import accepted, flips, mangled
from static_logs import entries_of, hash_at_of, head_of, key_of

from millpond.errors import InputError
from millpond.log import checkpoint, cosignature, inclusion, note
from millpond.log.inclusion import MAX_PROOF_BYTES, Proof
from millpond.log.merkle import leaf_hash
from millpond.log.proofs import inclusion_proof

KEY, OTHER = key_of(1), key_of(2)
ENTRIES = entries_of(11)
HEAD = head_of(ENTRIES, KEY)
HASH_AT = hash_at_of(ENTRIES)


def proof_of(index: int, extra: bytes = b"") -> Proof:
    hashes = inclusion_proof(index, len(ENTRIES), HASH_AT)
    return Proof(index=index, hashes=hashes, checkpoint=HEAD, extra=extra)


RECEIPT = inclusion.write(proof_of(4))
WITH_EXTRA = inclusion.write(proof_of(10, b"mill"))


@pytest.mark.parametrize("index", range(len(ENTRIES)))
def test_every_entry_has_a_receipt(index: int) -> None:
    data = inclusion.write(proof_of(index))
    assert inclusion.check(data, ENTRIES[index], KEY.did) == proof_of(index)
    assert inclusion.check_leaf(data, leaf_hash(ENTRIES[index]), KEY.did) == proof_of(index)


def test_the_only_entry_needs_no_hashes() -> None:
    head = head_of(ENTRIES[:1], KEY)
    data = inclusion.write(Proof(index=0, hashes=(), checkpoint=head))
    assert data == b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + head.note
    assert inclusion.check(data, ENTRIES[0], KEY.did).checkpoint == head


def test_a_receipt_is_what_the_specification_says() -> None:
    head, _, signed = WITH_EXTRA.partition(b"\n\n")
    assert head.decode().split("\n") == [
        "c2sp.org/tlog-proof@v1",
        "extra bWlsbA==",
        "index 10",
        *(b64encode(hash).decode() for hash in proof_of(10).hashes),
    ]
    assert signed == HEAD.note
    assert inclusion.parse(WITH_EXTRA) == proof_of(10, b"mill")


def test_a_receipt_may_carry_cosignatures() -> None:
    witnessed = checkpoint.read(
        cosignature.with_lines(HEAD, [cosignature.cosign(HEAD, "w.example", OTHER, 1_790_000_000)])
    )
    data = inclusion.write(replace(proof_of(4), checkpoint=witnessed))
    found = inclusion.check(data, ENTRIES[4], KEY.did)
    assert (
        cosignature.verify(found.checkpoint, found.checkpoint.note, "w.example", OTHER.public)
        == 1_790_000_000
    )


# ---- what it does not show


def test_it_shows_no_other_entry_no_other_place_and_no_other_log() -> None:
    for index, entry in enumerate(ENTRIES):
        assert (
            accepted(lambda data, entry=entry: inclusion.check(data, entry, KEY.did), RECEIPT) is None
        ) == (index != 4)
    for index in (0, 3, 5, 10, 11, 2**63 - 1):
        data = RECEIPT.replace(b"index 4\n", b"index %d\n" % index)
        with pytest.raises(InputError, match=f"does not show that this entry stands at {index} of 11"):
            inclusion.check(data, ENTRIES[4], KEY.did)
    with pytest.raises(InputError, match="checkpoint: is about the log"):
        inclusion.check(RECEIPT, ENTRIES[4], OTHER.did)


def test_an_inner_node_is_no_leaf() -> None:
    """The hash of a node at the right height would fit a shorter proof, were leaves not hashed otherwise."""
    whole = proof_of(4)
    node = b"\x01" + leaf_hash(ENTRIES[4]) + whole.hashes[0]
    shorter = replace(whole, index=2, hashes=whole.hashes[1:])
    with pytest.raises(InputError, match="does not show"):
        inclusion.check(inclusion.write(shorter), node[1:], KEY.did)


def test_every_turned_bit_is_refused() -> None:
    for turned in flips(RECEIPT):
        assert accepted(lambda data: inclusion.check(data, ENTRIES[4], KEY.did), turned) is None


# ---- the form


def changed(before: bytes, after: bytes, data: bytes = RECEIPT) -> bytes:
    assert data.count(before) >= 1
    return data.replace(before, after, 1)


HASH_LINE = b64encode(proof_of(4).hashes[0]) + b"\n"
BAD = {
    "nothing": b"",
    "only a checkpoint": HEAD.note,
    "no checkpoint": RECEIPT.partition(b"\n\n")[0] + b"\n\n",
    "another version": changed(b"@v1", b"@v2"),
    "no header": changed(b"c2sp.org/tlog-proof@v1\n", b""),
    "no index": changed(b"index 4\n", b""),
    "an index with a zero before it": changed(b"index 4", b"index 04"),
    "a negative index": changed(b"index 4", b"index -4"),
    "no space": changed(b"index 4", b"index4"),
    "two spaces": changed(b"index 4", b"index  4"),
    "an index past 2^63 - 1": changed(b"index 4", b"index %d" % 2**63),
    "two indexes": changed(b"index 4\n", b"index 4\nindex 4\n"),
    "extra after the index": changed(b"index 4\n", b"index 4\nextra bWlsbA==\n"),
    "two extras": changed(b"index 4\n", b"extra bWlsbA==\nextra bWlsbA==\nindex 4\n"),
    "an empty extra": changed(b"index 4\n", b"extra \nindex 4\n"),
    "an extra without padding": changed(b"index 4\n", b"extra bWlsbA\nindex 4\n"),
    "a hash of 31 bytes": changed(HASH_LINE, b64encode(bytes(31)) + b"\n"),
    "a hash without padding": changed(HASH_LINE, HASH_LINE.replace(b"=", b"")),
    "an empty line among the hashes": changed(HASH_LINE, b"\n" + HASH_LINE),
    "a carriage return": changed(b"index 4\n", b"index 4\r\n"),
    "another script": changed(b"index 4", "index ４".encode()),
    "64 hashes": changed(HASH_LINE, HASH_LINE * 61),
    "too long": changed(b"index 4\n", b"extra %b\nindex 4\n" % b64encode(bytes(MAX_PROOF_BYTES))),
    "signed by another": RECEIPT.partition(b"\n\n")[0]
    + b"\n\n"
    + note.write(HEAD.body.decode(), [note.sign(HEAD.body.decode(), OTHER.did, OTHER)]),
}


@pytest.mark.parametrize("name", BAD)
def test_a_malformed_proof_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        inclusion.parse(BAD[name])


def test_an_error_names_what_is_wrong() -> None:
    for name, message in {
        "another version": "line 1: is no proof, or of another version",
        "a hash of 31 bytes": "hash 1: .* is not a hash of 32 bytes, but 31",
        "signed by another": "checkpoint.signature: is not signed by the key of its log",
        "64 hashes": "at most 63 hashes, this one 64",
        "too long": "at most 131,072 bytes",
    }.items():
        with pytest.raises(InputError, match=message):
            inclusion.parse(BAD[name])


@pytest.mark.parametrize(
    "change",
    [
        {"index": -1},
        {"index": 2**63},
        {"hashes": (bytes(31),)},
        {"hashes": (bytes(32),) * 64},
        {"extra": bytes(10**5)},
    ],
)
def test_what_could_not_be_read_is_not_written(change: dict[str, object]) -> None:
    with pytest.raises(InputError):
        inclusion.write(replace(proof_of(4), **change))  # type: ignore[arg-type]


@given(mangled(RECEIPT, WITH_EXTRA))
def test_whatever_is_read_is_written_as_it_was(data: bytes) -> None:
    proof = accepted(inclusion.parse, data)
    if proof is not None:
        assert inclusion.write(proof) == data

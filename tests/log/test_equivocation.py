"""Proofs that a log signed two histories: made of any fork, of no honest log, and of nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangled import accepted, flips, mangled
from static_logs import entries_of, hash_at_of, head_of, key_of

from millpond.errors import InputError
from millpond.log import checkpoint, cosignature, equivocation
from millpond.log.checkpoint import Checkpoint
from millpond.log.equivocation import Equivocation, build, check, describe
from millpond.log.merkle import EMPTY_ROOT, node_hash
from millpond.log.proofs import consistency_proof, range_root

KEY, OTHER = key_of(1), key_of(2)
COMMON = 5
ENTRIES = entries_of(300)
FORKED = [*ENTRIES[:COMMON], *entries_of(300, mark="another")[COMMON:]]
SIZES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 255, 256, 257, 300]
HEADS = {size: head_of(ENTRIES[:size], KEY) for size in SIZES}
FORKS = {size: head_of(FORKED[:size], KEY) for size in SIZES}

SAME_SIZE = build(HEADS[8], FORKS[8])
OTHER_SIZE = build(HEADS[7], FORKS[17], hash_at_of(FORKED[:17]))


# ---- made


@pytest.mark.parametrize("size", SIZES)
def test_two_roots_of_one_size_convict(size: int) -> None:
    if size <= COMMON:
        with pytest.raises(InputError, match="the two checkpoints say the same: that proves nothing"):
            build(HEADS[size], FORKS[size])
        return
    proof = build(HEADS[size], FORKS[size])
    assert check(proof.write()) == proof
    assert build(FORKS[size], HEADS[size]) == proof, "the order does not matter"
    assert (proof.origin, proof.prefix_root, proof.proof) == (KEY.did, None, ())


@pytest.mark.parametrize("large", SIZES)
@pytest.mark.parametrize("small", SIZES)
def test_a_fork_at_another_size_convicts_if_it_is_one(small: int, large: int) -> None:
    if small >= large:
        return
    hash_at = hash_at_of(FORKED[:large])
    if small <= COMMON:
        with pytest.raises(InputError, match="continues the first: that proves nothing"):
            build(HEADS[small], FORKS[large], hash_at)
        return
    proof = build(HEADS[small], FORKS[large], hash_at)
    assert proof == build(FORKS[large], HEADS[small], hash_at)
    assert proof.prefix_root == FORKS[small].root
    assert check(proof.write()) == proof


@given(st.integers(0, 300), st.integers(0, 300))
def test_an_honest_log_is_never_convicted(one: int, other: int) -> None:
    small, large = sorted((one, other))
    first, second = head_of(ENTRIES[:small], KEY), head_of(ENTRIES[:large], KEY)
    hash_at = hash_at_of(ENTRIES[:large])
    with pytest.raises(InputError, match="proves nothing"):
        build(first, second, hash_at)


def test_an_honest_log_is_not_convicted_with_a_made_up_proof() -> None:
    """Of all hashes that an attacker has, none lead from a false root of the older size to the newer root."""
    first, second, hash_at = HEADS[7], HEADS[17], hash_at_of(ENTRIES[:17])
    true = consistency_proof(7, 17, hash_at)
    false = [FORKS[7].root, EMPTY_ROOT, second.root, bytes(32), true[0], node_hash(first.root, true[-1])]
    forked = consistency_proof(7, 17, hash_at_of(FORKED[:17]))
    cut = [(), true[1:], true[:-1], true[::-1], (*true, true[0])]
    for prefix_root in false:
        for proof in (true, forked, (prefix_root, *true[1:]), *cut):
            with pytest.raises(InputError, match="proof"):
                Equivocation(first, second, prefix_root, proof)


def test_a_tree_that_is_not_the_larger_checkpoints_proves_nothing() -> None:
    for entries in (ENTRIES[:17], FORKED[:16]):
        with pytest.raises(InputError):
            build(HEADS[7], FORKS[17], hash_at_of(entries))
    with pytest.raises(InputError, match="the tree of size 17 is needed"):
        build(HEADS[7], FORKS[17])


def test_checkpoints_of_two_logs_prove_nothing() -> None:
    with pytest.raises(InputError, match="of different logs"):
        build(HEADS[8], head_of(FORKED[:8], OTHER))
    with pytest.raises(InputError, match="of different logs"):
        build(HEADS[7], head_of(FORKED[:8], OTHER), hash_at_of(FORKED[:8]))


def test_cosignatures_do_not_matter_and_are_kept() -> None:
    cosigned = checkpoint.read(
        cosignature.with_lines(HEADS[8], [cosignature.cosign(HEADS[8], "w.example", OTHER, 1)])
    )
    with pytest.raises(InputError, match="say the same"):
        build(HEADS[8], cosigned)
    found = check(build(cosigned, FORKS[8]).write())
    assert cosigned in (found.first, found.second)


# ---- said


def test_it_is_said_in_one_sentence() -> None:
    assert describe(SAME_SIZE) == (
        f"The key of {KEY.did} signed two different logs of 8 entries, with the roots "
        f"{SAME_SIZE.first.root.hex()[:16]}… and {SAME_SIZE.second.root.hex()[:16]}…."
    )
    assert describe(OTHER_SIZE) == (
        f"The key of {KEY.did} signed a log of 7 entries and one of 17 which does not continue it: "
        "the first 7 entries of the two are not the same."
    )


# ---- the file


def value_of(proof: Equivocation) -> dict[str, Any]:
    return dict(json.loads(proof.write()))


def test_the_file_is_what_the_specification_says() -> None:
    value = value_of(OTHER_SIZE)
    assert list(value) == ["format", "first", "second", "prefix_root", "proof"]
    assert value["format"] == "millpond-equivocation/1"
    assert value["first"].encode() == HEADS[7].note
    assert value["second"].encode() == FORKS[17].note
    assert len(value["proof"]) == len(OTHER_SIZE.proof)
    assert value_of(SAME_SIZE)["prefix_root"] is None


def test_the_file_may_be_laid_out_otherwise() -> None:
    value = value_of(OTHER_SIZE)
    assert check(json.dumps(value, sort_keys=True).encode()) == OTHER_SIZE


def changed(of: Equivocation = OTHER_SIZE, /, **fields: Any) -> bytes:
    return json.dumps(value_of(of) | fields).encode()


def without(name: str) -> bytes:
    return json.dumps({key: value for key, value in value_of(OTHER_SIZE).items() if key != name}).encode()


def text_of(head: Checkpoint) -> str:
    return head.note.decode()


BAD: dict[str, bytes] = {
    "nothing": b"",
    "no object": b"[]",
    "another object": b"{}",
    "not UTF-8": b"\xff" + OTHER_SIZE.write(),
    "a mark of byte order": b"\xef\xbb\xbf" + OTHER_SIZE.write(),
    "cut off": OTHER_SIZE.write()[:-3],
    "something behind": OTHER_SIZE.write() + b"{}",
    "another version": changed(format="millpond-equivocation/2"),
    "a number": changed(format=1),
    "NaN": OTHER_SIZE.write().replace(b'"prefix_root": "', b'"prefix_root": NaN, "x": "'),
    "a field too many": changed(why="because"),
    "a field twice": OTHER_SIZE.write().replace(b'"format"', b'"proof": [], "format"'),
    "no first": without("first"),
    "no proof": without("proof"),
    "no prefix root": without("prefix_root"),
    "a first that is no text": changed(first=None),
    "a first that is no note": changed(first="Hello\n"),
    "half a surrogate pair in a note": changed(first="\ud800" + text_of(HEADS[7])),
    "a first of another log": changed(first=text_of(head_of(ENTRIES[:7], OTHER))),
    "the second twice": changed(first=text_of(FORKS[17])),
    "the wrong order": changed(first=text_of(FORKS[17]), second=text_of(HEADS[7])),
    "the wrong order of one size": changed(
        SAME_SIZE, first=text_of(SAME_SIZE.second), second=text_of(SAME_SIZE.first)
    ),
    "a prefix root without need": changed(SAME_SIZE, prefix_root=value_of(OTHER_SIZE)["prefix_root"]),
    "a proof without need": changed(SAME_SIZE, proof=value_of(OTHER_SIZE)["proof"]),
    "no need of a prefix root": changed(prefix_root=None),
    "a prefix root of 31 bytes": changed(prefix_root="A" * 41 + "=="),
    "a prefix root that is a list": changed(prefix_root=[]),
    "a proof that is null": changed(proof=None),
    "a proof that is a text": changed(proof="A" * 43 + "="),
    "a hash that is null": changed(proof=[None]),
    "a hash in hex": changed(proof=["00" * 32]),
    "64 hashes": changed(proof=["A" * 43 + "="] * 64),
    "an honest pair": changed(second=text_of(HEADS[17])),
    "deep": b"[" * 100_000,
    "deep inside": b'{"format":' * 20_000,
    "too long": b" " * equivocation.MAX_FILE_BYTES + OTHER_SIZE.write(),
    "a long number": changed(proof=[]).replace(b"[]", b"9" * 10_000),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_proves_nothing_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        check(BAD[name])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a first that is no note", "^first: "),
        ("a first of another log", "of different logs: that proves nothing"),
        ("the second twice", "prefix_root: has more in it|say the same"),
        ("the wrong order", "in the wrong order"),
        ("an honest pair", "proof: the proof does not lead to the root"),
        ("a hash that is null", r"proof\[0\]: is not the base64 text of a hash"),
        ("a field too many", "has not exactly the fields format, first, second, prefix_root, proof"),
        ("a field twice", "a field stands in it twice"),
        ("another version", '"format": "millpond-equivocation/1"'),
    ],
)
def test_an_error_says_why(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check(BAD[name])


@pytest.mark.parametrize("proof", [SAME_SIZE, OTHER_SIZE], ids=["same size", "other size"])
def test_every_turned_bit_is_refused(proof: Equivocation) -> None:
    data = proof.write()
    assert accepted(check, data) == proof
    assert not [turned for turned in flips(data, every=5) if accepted(check, turned)]


@given(mangled(SAME_SIZE.write(), OTHER_SIZE.write()))
def test_whatever_is_believed_convicts(data: bytes) -> None:
    proof = accepted(check, data)
    if proof is not None:
        assert proof in (SAME_SIZE, OTHER_SIZE), "the key signed nothing else"


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(text_of(HEADS[7])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["first", "second", "prefix_root", "proof"]), ANYTHING))
def test_fields_of_any_type_are_refused(fields: dict[str, Any]) -> None:
    assert accepted(check, changed(**fields)) in (None, OTHER_SIZE)


def test_the_prefix_root_is_that_of_the_larger_tree() -> None:
    assert OTHER_SIZE.prefix_root == range_root(0, 7, hash_at_of(FORKED[:17])) == FORKS[7].root

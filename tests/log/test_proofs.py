"""Proofs against a tree written down as RFC 6962 defines it, and against the vectors of transparency-dev."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from itertools import pairwise

import pytest
from given_data import shared_file
from hypothesis import given
from hypothesis import strategies as st

from millpond.errors import InputError
from millpond.log import proofs
from millpond.log.merkle import EMPTY_ROOT, Range, fold, heights, leaf_hash, node_hash

MOST = 70
LEAVES = [leaf_hash(bytes([n])) for n in range(MOST)]


def mth(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else EMPTY_ROOT
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(mth(leaves[:k]), mth(leaves[k:]))


ROOTS = [mth(LEAVES[:size]) for size in range(MOST + 1)]


def hash_at(height: int, index: int) -> bytes:
    return mth(LEAVES[index << height : (index + 1) << height])


@pytest.mark.parametrize("size", range(MOST + 1))
def test_a_range_has_the_root_of_the_definition(size: int) -> None:
    tree = Range()
    for leaf in LEAVES[:size]:
        tree.push(leaf)
    assert tree.root() == ROOTS[size]
    assert len(tree.hashes) == len(heights(size))
    assert Range(size, tree.hashes).root() == ROOTS[size]


def test_a_range_takes_whole_subtrees() -> None:
    tree = Range()
    tree.push(fold(b"".join(LEAVES[:16])), 4)
    tree.push(fold(b"".join(LEAVES[16:20])), 2)
    tree.push(LEAVES[20])
    assert tree.root() == ROOTS[21]


def test_a_range_refuses_what_does_not_fit() -> None:
    with pytest.raises(InputError, match="a tree of size 3 does not consist of 1"):
        Range(3, [LEAVES[0]])


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 9, 33, 64, 65, 70])
def test_every_entry_is_proven_and_no_other(size: int) -> None:
    for index in range(size):
        proof = proofs.inclusion_proof(index, size, hash_at)
        proofs.verify_inclusion(index, size, LEAVES[index], proof, root=ROOTS[size])
        wrong = [
            (index, size, LEAVES[(index + 1) % MOST], proof, ROOTS[size]),
            (index, size, LEAVES[index], (*proof, EMPTY_ROOT), ROOTS[size]),
            (index, size, LEAVES[index], proof, ROOTS[size - 1]),
        ]
        if size > 1:
            wrong += [
                (index, size, LEAVES[index], proof[:-1], ROOTS[size]),
                ((index + 1) % size, size, LEAVES[index], proof, ROOTS[size]),
            ]
        for at, of, leaf, given_proof, root in wrong:
            with pytest.raises(InputError):
                proofs.verify_inclusion(at, of, leaf, given_proof, root=root)


@pytest.mark.parametrize("new", [0, 1, 2, 3, 6, 8, 13, 32, 64, 67])
def test_every_older_tree_is_proven_and_no_other(new: int) -> None:
    for old in range(new + 1):
        proof = proofs.consistency_proof(old, new, hash_at)
        proofs.verify_consistency(old, new, ROOTS[old], proof, root=ROOTS[new])
        for old_root, given_proof, root in [
            (leaf_hash(b"other"), proof, ROOTS[new]),
            (ROOTS[old], (*proof, EMPTY_ROOT), ROOTS[new]),
            *([(ROOTS[old], proof, leaf_hash(b"other"))] if old > 0 or new == 0 else []),
            *([(ROOTS[old], proof[1:], ROOTS[new])] if proof else []),
        ]:
            with pytest.raises(InputError):
                proofs.verify_consistency(old, new, old_root, given_proof, root=root)


@pytest.mark.parametrize("size", [1, 5, 16, 31, 70])
def test_every_subtree_is_proven(size: int) -> None:
    for start in range(size):
        for end in range(start + 1, size + 1):
            width = 1 << (end - start - 1).bit_length()
            subtree = mth(LEAVES[start:end])
            if start % width:
                with pytest.raises(InputError, match="are no subtree"):
                    proofs.subtree_proof(start, end, size, hash_at)
                continue
            proof = proofs.subtree_proof(start, end, size, hash_at)
            proofs.verify_subtree(start, end, size, subtree, proof, root=ROOTS[size])
            assert proofs.range_root(start, end, hash_at) == subtree
            for wrong in (EMPTY_ROOT, LEAVES[(start + 1) % MOST] if end == start + 1 else LEAVES[start]):
                with pytest.raises(InputError):
                    proofs.verify_subtree(start, end, size, wrong, proof, root=ROOTS[size])


def test_the_proof_of_a_prefix_is_the_consistency_proof() -> None:
    for size in range(1, MOST):
        for end in range(1, size + 1):
            assert proofs.subtree_proof(0, end, size, hash_at) == proofs.consistency_proof(end, size, hash_at)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: proofs.inclusion_proof(3, 3, hash_at), "a log of 3 entries has none at 3"),
        (lambda: proofs.consistency_proof(4, 3, hash_at), "does not continue one of 4"),
        (lambda: proofs.verify_inclusion(0, 2**63, EMPTY_ROOT, (), root=b""), "is no part of a log"),
        (lambda: proofs.verify_inclusion(-1, 3, b"", (), root=b""), "has none at -1"),
        (lambda: proofs.verify_inclusion(0, 2, EMPTY_ROOT, [b"short"], root=EMPTY_ROOT), "not 32 bytes"),
        (
            lambda: proofs.verify_inclusion(0, 2**62, EMPTY_ROOT, [EMPTY_ROOT] * 64, root=EMPTY_ROOT),
            "at most 63 hashes",
        ),
        (lambda: proofs.verify_consistency(0, 0, EMPTY_ROOT, (), root=LEAVES[0]), "does not lead"),
    ],
)
def test_what_cannot_be_is_said(call, said: str) -> None:
    with pytest.raises(InputError, match=said):
        call()


@given(
    st.integers(0, 2**63),
    st.integers(0, 2**63),
    st.binary(min_size=32, max_size=32),
    st.lists(st.binary(min_size=31, max_size=33), max_size=66),
)
def test_no_proof_makes_trouble(index: int, size: int, hash: bytes, proof: list[bytes]) -> None:
    for call in (
        lambda: proofs.verify_inclusion(index, size, hash, proof, root=EMPTY_ROOT),
        lambda: proofs.verify_consistency(index, size, hash, proof, root=EMPTY_ROOT),
    ):
        if index == 0 and hash == EMPTY_ROOT:
            continue
        with pytest.raises(InputError):
            call()


NOT_REFUSED_HERE = {"consistency/additional/size1-is-zero-and-size2-is-not-zero.json"}
"""An empty proof from size 0: it says nothing, and holds by our convention; theirs is to refuse it."""


def vectors() -> list[tuple[str, dict]]:
    data = shared_file("log/merkle/rfc9162-proofs.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        names = sorted(member.name for member in archive if member.isfile())
        return [(name, json.load(archive.extractfile(name))) for name in names]  # type: ignore[arg-type]


def test_the_vectors_of_transparency_dev() -> None:
    """All 196; for the tree of size 0 see the convention in `proofs`."""
    seen = {"inclusion": 0, "consistency": 0}
    for name, vector in vectors():
        proof = [base64.b64decode(hash) for hash in vector["proof"] or ()]
        kind = "inclusion" if "leafIdx" in vector else "consistency"
        try:
            if kind == "inclusion":
                proofs.verify_inclusion(
                    vector["leafIdx"],
                    vector["treeSize"],
                    base64.b64decode(vector["leafHash"]),
                    proof,
                    root=base64.b64decode(vector["root"]),
                )
            else:
                proofs.verify_consistency(
                    vector["size1"],
                    vector["size2"],
                    base64.b64decode(vector["root1"]),
                    proof,
                    root=base64.b64decode(vector["root2"]),
                )
        except InputError:
            said = True
        else:
            said = False
        expected = vector["wantErr"] and name.removeprefix("testdata/") not in NOT_REFUSED_HERE
        assert said == expected, (name, vector["desc"])
        seen[kind] += 1
    assert seen == {"inclusion": 98, "consistency": 98}


def test_one_older_tree_proves_the_next() -> None:
    """Consistency is passed on: two proofs one after the other say no less than one."""
    sizes = [0, 1, 5, 6, 20, 64, 70]
    for old, new in pairwise(sizes):
        proofs.verify_consistency(
            old, new, ROOTS[old], proofs.consistency_proof(old, new, hash_at), root=ROOTS[new]
        )

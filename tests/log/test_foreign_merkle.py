"""Our inclusion proofs in the hands of others: the code by which sigstore checks entries of Rekor."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore.errors import VerificationError
from static_logs import entries_of, hash_at_of, head_of, key_of

from millpond.errors import InputError
from millpond.log.merkle import leaf_hash
from millpond.log.proofs import inclusion_proof, verify_inclusion

KEY = key_of(1)
SIZES = (*range(1, 18), 255, 256, 257, 600)
CHANGES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "one hash more": {"hashes": lambda hashes: [*hashes, hashes[0] if hashes else bytes(32)]},
    "one hash less": {"hashes": lambda hashes: hashes[:-1]},
    "hashes in another order": {"hashes": lambda hashes: hashes[::-1]},
    "another entry": {"canonicalized_body": lambda entry: entry + b" "},
    "another root": {"root_hash": lambda root: root[::-1]},
    "another place": {"log_index": lambda index: index ^ 1},
    "another size": {"tree_size": lambda size: size + 1},
}


def theirs(asked: dict[str, Any]) -> bool:
    proof = SimpleNamespace(**asked)
    entry = SimpleNamespace(inclusion_proof=proof, canonicalized_body=asked["canonicalized_body"])
    try:
        verify_merkle_inclusion(SimpleNamespace(_inner=entry))  # type: ignore[arg-type]
    except VerificationError:
        return False
    return True


def ours(asked: dict[str, Any]) -> bool:
    leaf, root = leaf_hash(asked["canonicalized_body"]), asked["root_hash"]
    try:
        verify_inclusion(asked["log_index"], asked["tree_size"], leaf, asked["hashes"], root=root)
    except InputError:
        return False
    return True


@pytest.mark.parametrize("change", CHANGES)
def test_they_judge_our_proofs_as_we_do(change: str) -> None:
    verdicts = []
    for size in SIZES:
        entries = entries_of(size)
        root, hash_at = head_of(entries, KEY).root, hash_at_of(entries)
        for index in range(size) if size < 18 else (0, 1, 128, 254, size - 1):
            hashes = list(inclusion_proof(index, size, hash_at))
            asked = {"log_index": index, "tree_size": size, "hashes": hashes, "root_hash": root}
            asked["canonicalized_body"] = entries[index]
            changed = asked | {name: how(asked[name]) for name, how in CHANGES[change].items()}
            if change != "nothing" and changed == asked:
                continue
            if not 0 <= changed["log_index"] < changed["tree_size"]:
                continue  # nobody is asked about a place that is not there
            assert theirs(changed) == ours(changed), (size, index)
            verdicts.append(ours(changed))
    assert len(verdicts) > 100
    assert all(verdicts) if change == "nothing" else not all(verdicts)

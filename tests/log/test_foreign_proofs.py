"""Our statements and proofs in the hands of others: securesystemslib (DSSE), sigstore (Merkle trees)."""

from __future__ import annotations

from typing import Any

from foreign import judge
from static_logs import entries_of, hash_at_of, head_of, key_of

from millpond.log import statement
from millpond.log.proofs import inclusion_proof

KEY = key_of(1)


def envelope(entry: bytes, **changed: str) -> dict[str, str]:
    payload, signature = statement.split(entry)
    told = {"payload": payload.hex(), "signature": signature.hex(), "public": KEY.public.hex()}
    return {"type": statement.PAYLOAD_TYPE, **told, **changed}


def test_our_statements_are_envelopes_of_dsse() -> None:
    bodies: list[dict[str, Any]] = [{}, {"name": "平塘", "n": 2**53 - 1}, {"text": "long " * 6_000}]
    entries = [
        statement.sign(statement.write("profile/1", KEY.did, time_ms, body), KEY)
        for time_ms, body in enumerate(bodies)
    ]
    right = [envelope(entry) for entry in entries]
    assert judge("envelopes", right) == [True, True, True]
    first, second = right[:2]
    wrong = [
        first | {"signature": second["signature"]},
        first | {"payload": second["payload"]},
        first | {"payload": first["payload"] + "20"},
        first | {"type": "application/json"},
        first | {"public": key_of(2).public.hex()},
    ]
    assert judge("envelopes", wrong) == [False] * len(wrong)


def test_our_proofs_hold_for_sigstore() -> None:
    right, wrong = [], []
    for size in (*range(1, 18), 255, 256, 257):
        entries = entries_of(size)
        root, hash_at = head_of(entries, KEY).root.hex(), hash_at_of(entries)
        for index in range(size) if size < 18 else (0, 1, 128, 254, size - 1):
            hashes = [one.hex() for one in inclusion_proof(index, size, hash_at)]
            asked = {"index": index, "size": size, "entry": entries[index].hex(), "root": root}
            right.append({**asked, "hashes": hashes})
            wrong += [
                {**asked, "hashes": [*hashes, root]},
                {**asked, "hashes": hashes, "entry": b"another".hex()},
                {**asked, "hashes": hashes, "root": root[2:] + root[:2]},
            ]
    assert judge("inclusion", right) == [True] * len(right)
    assert judge("inclusion", wrong) == [False] * len(wrong)

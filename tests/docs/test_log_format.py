"""The examples of docs/reference/log-format.md, byte by byte, from the code and from a second reckoning."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from millpond.log import (
    checkpoint,
    cosignature,
    equivocation,
    inclusion,
    mirror,
    note,
    statement,
    tiles,
    witness,
)
from millpond.log.keys import Key
from millpond.log.merkle import EMPTY_ROOT, leaf_hash
from millpond.log.proofs import consistency_proof, inclusion_proof

PAGE = (Path(__file__).parents[2] / "docs/reference/log-format.md").read_text("utf-8")
SHOWN = dict(re.findall(r"<!-- example: (.+?) -->\n+```\w+\n(.*?)^```$", PAGE, re.M | re.S))

LOG, WITNESS = Key(bytes(range(32))), Key(b"\x07" * 32)
NAME, TIME_S = "pond.example/witness", 1_790_000_060


def entry(number: int, name: str) -> bytes:
    payload = statement.write("profile/1", LOG.did, 1_790_000_000_000 + number, {"name": name})
    return statement.sign(payload, LOG)


ENTRIES = [entry(number, name) for number, name in enumerate(["永泰", "永泰合作社", "Yongtai Co-op"])]
LEAVES = [leaf_hash(one) for one in ENTRIES]


def two(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


ROOT = two(two(LEAVES[0], LEAVES[1]), LEAVES[2])


def hash_at(height: int, index: int) -> bytes:
    return {0: LEAVES, 1: [two(LEAVES[0], LEAVES[1])]}[height][index]


HEAD = checkpoint.sign(LOG.did, 3, ROOT, LOG)
COSIGNED = checkpoint.read(
    cosignature.with_lines(HEAD, [cosignature.cosign(HEAD, NAME, WITNESS, TIME_S)]), LOG.did
)
FORK = checkpoint.sign(LOG.did, 2, two(LEAVES[1], LEAVES[0]), LOG)


def spaced(data: bytes) -> str:
    """Hex, 32 bytes a line."""
    return "".join(data[at : at + 32].hex() + "\n" for at in range(0, len(data), 32))


def examples() -> dict[str, str]:
    proof = inclusion.Proof(index=2, hashes=inclusion_proof(2, 3, hash_at), checkpoint=HEAD)
    request = witness.write_add_checkpoint(1, consistency_proof(1, 3, hash_at), HEAD.note)
    pushed = mirror.Upload(LOG.did, 2, 3, b"").write()
    return {
        "log": f"{LOG.did}\n",
        "hash": sha256(LOG.did.encode()).hexdigest() + "\n",
        "entry": ENTRIES[0].decode(),
        "leaf hashes": "".join(leaf.hex() + "\n" for leaf in LEAVES),
        "root": ROOT.hex() + "\n",
        "empty": EMPTY_ROOT.hex() + "\n",
        "tile": f"{tiles.tile_path(0, 0, 3)}\n{tiles.entries_path(0, 3)}\n{tiles.tile_path(1, 1_234_067)}\n",
        "bundle": spaced(tiles.encode_bundle(ENTRIES)[:64]),
        "checkpoint": HEAD.note.decode(),
        "key of the log": note.vkey(LOG.did, note.ED25519, LOG.public) + "\n",
        "cosigned message": cosignature.message(HEAD, TIME_S).decode(),
        "cosigned": COSIGNED.note.decode(),
        "key of the witness": cosignature.vkey_of(NAME, WITNESS.public) + "\n",
        "receipt": inclusion.write(proof).decode(),
        "add-checkpoint": request.decode(),
        "add-entries": spaced(pushed),
        "mirror-info": mirror.mirror_info(3, 2, b"").decode(),
        "equivocation": equivocation.build(FORK, HEAD, hash_at).write().decode(),
        "sentence": equivocation.describe(equivocation.build(FORK, HEAD, hash_at)) + "\n",
    }


@pytest.mark.parametrize("name", examples())
def test_an_example_is_what_comes_out(name: str) -> None:
    assert SHOWN[name] == examples()[name]


def test_every_example_is_recomputed() -> None:
    assert SHOWN.keys() == examples().keys()
    assert PAGE.count("\n```") == 2 * len(SHOWN), "each block of the page is one of the examples"


def test_the_same_comes_out_by_hand() -> None:
    """From what the page says and the standard library alone, without the code it describes."""
    origin = SHOWN["log"].strip()
    first = SHOWN["entry"].encode()
    assert sha256(b"\0" + first).hexdigest() == SHOWN["leaf hashes"].split()[0]
    a, b, c = map(bytes.fromhex, SHOWN["leaf hashes"].split())
    assert two(two(a, b), c).hex() == SHOWN["root"].strip()
    assert sha256(origin.encode()).hexdigest() == SHOWN["hash"].strip()
    text, _, signatures = SHOWN["checkpoint"].partition("\n\n")
    assert text == f"{origin}\n3\n{b64encode(bytes.fromhex(SHOWN['root'])).decode()}"
    dash, name, signature = signatures.split()
    key_id = sha256(origin.encode() + b"\n\x01" + LOG.public).digest()[:4]
    assert (dash, name) == ("—", origin)
    assert signature == b64encode(key_id + LOG.sign(text.encode() + b"\n")).decode()
    assert SHOWN["bundle"].startswith(len(first).to_bytes(2, "big").hex() + first[:30].hex())
    assert inclusion.check(SHOWN["receipt"].encode(), ENTRIES[2], origin).index == 2
    assert cosignature.verify(HEAD, SHOWN["cosigned"], NAME, WITNESS.public) == TIME_S
    assert equivocation.check(SHOWN["equivocation"].encode()).origin == origin

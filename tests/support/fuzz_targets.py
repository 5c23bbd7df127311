"""Everything that reads bytes of strangers, each with good ones to begin from: what is fuzzed.

A target is a function of bytes that returns, whatever they are; what a reader may refuse them with, it
catches itself (`refused`). Beyond not breaking, it asserts what must hold of whatever was believed, like
that it is written as it was read. `make soak` drives all of them by coverage (tests/fuzz/fuzz.py); some run
whenever the tests do, too: those for which the tests of their module have nothing of the kind.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from static_logs import entries_of, hash_at_of, head_of, key_of

from millpond.errors import InputError, PeerError, Unreachable
from millpond.log import (
    checkpoint,
    cosignature,
    equivocation,
    inclusion,
    keys,
    kinds,
    lines,
    mirror,
    note,
    proofs,
    statement,
    strict,
    tiles,
    witness,
)
from millpond.log.kinds import CardEntry, Follow, Listing, Profile, Successor, Vouch, Withdraw, write_body
from millpond.log.merkle import leaf_hash
from millpond.log.statement import Attachment
from millpond.network import answers, cards, meeting
from millpond.network.cards import Card
from millpond.store import Rows, files, logs

KEY, OTHER, WITNESS = key_of(1), key_of(2), key_of(3)
TIME_MS = 1_790_000_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """A reader and good bytes for it. `in_suite`: also run with few examples whenever the tests are."""

    name: str
    read: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    in_suite: bool = False
    max_bytes: int = 4_096


class refused:  # noqa: N801 (a context, like suppress)
    """Swallows what a reader may refuse bytes with; its message can be shown to anybody."""

    def __init__(self, *more: type[Exception]) -> None:
        self._kinds = (InputError, *more)

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> bool:
        if not isinstance(error, self._kinds):
            return False
        assert 0 < len(str(error).encode()) < 8_000, "a message is for people"
        return True


# ---- good bytes

ATTACHMENT = Attachment("ab" * 32, 1_234, "image/jpeg", "稻.jpg")
BODIES = (
    Profile(
        name="永泰", about="Rice\nand oil", addresses=("https://a.example/x", "http://[::1]:8080"), place="y"
    ),
    Vouch(subject=OTHER.did, name="Songkou", note="my neighbour"),
    Withdraw(sid="0f" * 32),
    Listing(title={"zh-Hant": "米", "en": "Rice"}, text={"en": "good"}, until_ms=TIME_MS + 1, wants=True),
    CardEntry(card=cards.write(Card(OTHER.did, ("https://b.example",), "松口"))),
    Successor(successor=OTHER.did),
    Follow(subject=OTHER.did),
)
PAYLOADS = tuple(write_body(body, KEY.did, TIME_MS, (ATTACHMENT,)) for body in BODIES)
ENTRIES = tuple(statement.sign(payload, KEY) for payload in PAYLOADS)
LEAVES = entries_of(300)
HEAD, LARGER, FORK = head_of(LEAVES[:7], KEY), head_of(LEAVES, KEY), head_of(entries_of(300, "fork"), KEY)
HASH_AT = hash_at_of(LEAVES)
LINE = cosignature.cosign(HEAD, "pond.example/witness", WITNESS, TIME_MS // 1_000)
COSIGNED = cosignature.with_lines(HEAD, [LINE])
RECEIPT = inclusion.write(
    inclusion.Proof(index=3, hashes=proofs.inclusion_proof(3, 7, HASH_AT), checkpoint=HEAD, extra=b"x")
)
GROWN = witness.write_add_checkpoint(7, proofs.consistency_proof(7, 300, HASH_AT), LARGER.note)
UPLOAD = b"".join(
    mirror.write_add_entries(
        mirror.Upload(KEY.did, 250, 300, b"ticket"), lambda start, end: LEAVES[start:end], HASH_AT
    )
)
PROOFS = (
    equivocation.build(LARGER, FORK).write(),
    equivocation.build(head_of(entries_of(7, "fork"), KEY), LARGER, HASH_AT).write(),
)
CARD = cards.write(Card(OTHER.did, ("https://b.example:8443/pond",), "松口 & co", is_keeper=True)).encode()


# ---- what is done with them


def _strict(data: bytes) -> None:
    with refused():
        assert strict.parse(data) == json.loads(data)


def _entry(data: bytes) -> None:
    with refused():
        payload, signature = statement.split(data)
        assert statement.join(payload, signature) == data
    with refused():
        assert statement.read(data, KEY.did).payload == data[:-90]


def _statement(data: bytes) -> None:
    """A payload: what is understood of it, written and read once more, is the same."""
    with refused():
        said = statement.read_payload(data)
        body = kinds.understand(said)
        assert (body is None) == bool(kinds.problem(said))
        if body is not None:
            again = statement.read_payload(write_body(body, said.author, said.time_ms, said.attachments))
            assert kinds.read_body(again) == body


def _folded(data: bytes) -> None:
    """A payload in a log that is read: what it says is noted, twice if it stands there twice."""
    with refused():
        said = statement.read_payload(data)
        with closing(_network()) as connection:
            rows = Rows(connection)
            known = logs.begin(rows, said.author)
            entry = statement.join(data, bytes(64))
            logs.put(rows, known.id, [entry, entry, entry])
            for position in (0, 1, 2):
                meeting.fold(rows, known, position, said)


def _network() -> sqlite3.Connection:
    """A new network.db in memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(_empty("network"))
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


@cache
def _empty(kind: str) -> bytes:
    """A database file with the tables of this kind and nothing in it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{kind}.db"
        files.migrate(path, kind)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
        return path.read_bytes()


def _file(data: bytes) -> None:
    """A database file from elsewhere."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.db"
        path.write_bytes(data)
        with refused():
            assert files.check_whole(path, "network") <= files.NETWORK_VERSION


def _note(data: bytes) -> None:
    with refused():
        found = note.parse(data)
        assert note.write(found.text, found.signatures) == data


def _head(data: bytes) -> None:
    with refused():
        claim = checkpoint.parse(data)
        assert data.startswith(claim.body + b"\n")
        tidy = cosignature.with_lines(checkpoint.verify(claim), [LINE])
        assert checkpoint.same_head(checkpoint.read(tidy, KEY.did), claim)


def _signed_head(data: bytes) -> None:
    """A text that the log's key did sign, whatever it says."""
    with refused():
        text = data.decode("utf-8", errors="replace") + "\n"
        found = checkpoint.read(note.write(text, [note.sign(text, KEY.did, KEY)]), KEY.did)
        assert found.body.decode() == text


def _cosigned(data: bytes) -> None:
    with refused():
        cosignature.verify(HEAD, data, "pond.example/witness", WITNESS.public)
    with refused():
        assert checkpoint.same_head(checkpoint.read(cosignature.with_lines(HEAD, [data])), HEAD)


def _vkey(data: bytes) -> None:
    with refused():
        text = data.decode("utf-8", errors="surrogateescape")
        found = note.parse_vkey(text)
        assert note.vkey(found.name, found.type, found.public) == text


def _receipt(data: bytes) -> None:
    with refused():
        assert inclusion.write(inclusion.parse(data)) == data
    with refused():
        assert inclusion.check_leaf(data, leaf_hash(LEAVES[3]), KEY.did).index == 3


def _asked(data: bytes) -> None:
    """A witness is asked; it never goes back."""
    with refused():
        request = witness.parse_add_checkpoint(data)
        assert witness.write_add_checkpoint(request.old_size, request.proof, request.note) == data
        is_known = request.claim.origin == HEAD.origin
        decision = witness.decide(request, HEAD if is_known else None, trusted=is_known)
        assert (decision.status == witness.Status.COSIGNED) == (decision.accepted is not None)
        assert decision.accepted is None or decision.accepted.size >= HEAD.size


def _answered(data: bytes) -> None:
    """What a witness or a mirror answers."""
    with refused():
        assert witness.size_answer(witness.parse_size(data)) == data
    with refused():
        info = mirror.parse_mirror_info(data)
        assert mirror.mirror_info(info.size, info.next_entry, info.ticket) == data


def _pushed(data: bytes) -> None:
    """An upload, in pieces whose length its first byte says; then in one."""
    step = data[0] + 1 if data else 1
    outcomes = []
    for size in (step, len(data) + 1):
        decoder, packages = mirror.Decoder(), list[mirror.Package]()
        with refused():
            for at in range(1, len(data), size):
                for package in decoder.feed(data[at : at + size]):
                    with refused():
                        before = [leaf_hash(one) for one in LEAVES[package.subtree_start : package.start]]
                        if len(before) == package.start - package.subtree_start:
                            package.check([*before, *map(leaf_hash, package.entries)], 300, LARGER.root)
                    packages.append(package)
        outcomes.append((decoder.upload, packages))
    assert outcomes[0] == outcomes[1], "cuts do not matter"


def _convicts(data: bytes) -> None:
    with refused():
        proof = equivocation.check(data)
        assert equivocation.check(proof.write()) == proof
        assert equivocation.describe(proof)


def _path(data: bytes) -> None:
    with refused():
        text = data.decode("utf-8", errors="surrogateescape")
        tile = tiles.parse_path(text)
        assert tile.path == text
        assert tiles.width_at(tile.level, tile.number, 2**63 - 1) in range(257)


def _bundle(data: bytes) -> None:
    entries, used = tiles.decode_bundle(data)
    assert tiles.encode_bundle(entries) == data[:used]
    with refused(PeerError, Unreachable):
        found, problem = answers.bundle_of(data, 3, "a.example")
        assert problem is not None or tiles.encode_bundle(found) == data
    for level in (None, 0):
        tile = tiles.Tile(level, 0, 3)
        assert data.startswith(answers.beginning(data, tile))
        with refused(PeerError, Unreachable):
            answers.tile_of(data, tiles.Tile(0, 0, 3), "a.example")


def _card(data: bytes) -> None:
    with refused():
        card = cards.read(data)
        assert cards.read(cards.write(card)) == card


def _words(data: bytes) -> None:
    """The smallest pieces: numbers, base64, identities."""
    text = data.decode("utf-8", errors="surrogateescape")
    with refused():
        assert str(lines.decimal(text)) == text
    with refused():
        assert lines.base64_text(lines.base64_bytes(text)) == text
    with refused():
        assert keys.did_of(keys.public_of(text)) == text


TARGETS = (
    Target("strict", _strict, PAYLOADS),
    Target("entry", _entry, ENTRIES, in_suite=True),
    Target("statement", _statement, PAYLOADS, in_suite=True),
    Target("folded", _folded, PAYLOADS, in_suite=True),
    Target("note", _note, (HEAD.note, COSIGNED)),
    Target("head", _head, (HEAD.note, COSIGNED), in_suite=True),
    Target("signed head", _signed_head, (HEAD.body[:-1],), in_suite=True),
    Target("cosigned", _cosigned, (LINE.encode(), COSIGNED), in_suite=True),
    Target("vkey", _vkey, (cosignature.vkey_of("w.example", WITNESS.public).encode(),), max_bytes=400),
    Target("receipt", _receipt, (RECEIPT,)),
    Target("asked", _asked, (GROWN,)),
    Target("answered", _answered, (witness.size_answer(300), mirror.mirror_info(300, 7, b"ticket"))),
    Target("pushed", _pushed, (b"\x10" + UPLOAD, b"\xff" + UPLOAD), in_suite=True),
    Target("convicts", _convicts, PROOFS),
    Target("path", _path, (b"tile/0/x001/x234/067", b"tile/entries/000.p/7"), in_suite=True, max_bytes=100),
    Target("bundle", _bundle, (tiles.encode_bundle(LEAVES[:3]), bytes(96)), in_suite=True),
    Target("card", _card, (CARD, "名片： ".encode() + CARD, CARD.decode().encode("utf-16")), in_suite=True),
    Target("words", _words, (b"20852163", b"bWlsbA==", KEY.did.encode()), max_bytes=200),
    Target("file", _file, (_empty("network"), _empty("room")[:8_192]), in_suite=True, max_bytes=400_000),
)
BY_NAME = {target.name: target for target in TARGETS}

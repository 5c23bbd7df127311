"""Attachments: fetched by their hash from whoever has them, refused by the keeper, never shown as a page."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from participants import START_MS, Participant

from millpond.errors import InputError, PeerError
from millpond.log.kinds import Profile
from millpond.log.statement import Attachment
from millpond.network import attachments, following, keeping
from millpond.network.attachments import RefusedByKeeper, State, accept, kept, refuse, state
from millpond.network.fetching import fetch
from millpond.network.folder_source import FolderSource
from millpond.store import Database, disk, logs, open_network

PICTURE = b"\xff\xd8 a picture of rice " * 50
HASH = sha256(PICTURE).hexdigest()
MINUTE_MS = 60_000


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_network(tmp_path / "network.db") as database:
        yield database


def folder(path: Path, *datas: bytes, name: str = "") -> FolderSource:
    """A folder that has these bytes, under their hashes or under this name."""
    (path / "attachments").mkdir(parents=True, exist_ok=True)
    for data in datas:
        (path / "attachments" / (name or sha256(data).hexdigest())).write_bytes(data)
    return FolderSource(path)


def naming(db: Database, *datas: bytes, type: str = "image/jpeg", name: str = "ann") -> int:
    """A followed log whose statement names these bytes; returns its number."""
    author = Participant(name)
    named = [Attachment(sha256(data).hexdigest(), len(data), type, "a file") for data in datas]
    author.say(Profile(name=name), attachments=named)
    db.write(lambda rows: following.follow(rows, "pond", author.did, []))
    return author.arrive(db)


def fetched(db: Database, log: int, *sources: FolderSource, now_ms: int = START_MS) -> int:
    return asyncio.run(fetch(db, log, sources, now_ms=now_ms))


def test_any_source_will_do(db: Database, tmp_path: Path) -> None:
    log = naming(db, PICTURE, b"another")
    assert state(db.read, HASH) is State.WAITING
    assert kept(db.read, log, HASH) is None
    empty, first, second = (
        folder(tmp_path / "a"),
        folder(tmp_path / "b", PICTURE),
        folder(tmp_path / "c", b"another"),
    )
    assert fetched(db, log, first, empty) == 1
    assert fetched(db, log, second, now_ms=START_MS + 100 * MINUTE_MS) == 1
    found = kept(db.read, log, HASH)
    assert found is not None
    assert (found.data, found.type) == (PICTURE, "image/jpeg")
    assert attachments.kept_bytes(db.read) == len(PICTURE) + len(b"another")
    assert (
        fetched(db, log, first, second, now_ms=START_MS + 1_000 * MINUTE_MS) == 0
    )  # nothing is left to fetch


def test_other_bytes_are_not_kept(db: Database, tmp_path: Path) -> None:
    log = naming(db, PICTURE)
    wrong = folder(tmp_path / "wrong", b"something else", name=HASH)
    assert fetched(db, log, wrong) == 0
    assert state(db.read, HASH) is State.WAITING
    right = folder(tmp_path / "right", PICTURE)
    assert fetched(db, log, wrong, right) == 0, "it rests for a while"
    assert fetched(db, log, wrong, right, now_ms=START_MS + 10 * MINUTE_MS) == 1


def test_what_nobody_has_is_asked_for_more_and_more_rarely(db: Database, tmp_path: Path) -> None:
    log, nothing = naming(db, PICTURE), folder(tmp_path / "nothing")
    asked = []
    for minute in range(0, 3 * 24 * 60, 5):
        now_ms = START_MS + minute * MINUTE_MS
        if attachments.wanted(db.read, log, now_ms=now_ms):
            asked.append(minute)
            fetched(db, log, nothing, folder(tmp_path / "x", b"wrong", name=HASH), now_ms=now_ms)
    assert asked[:4] == [0, 10, 30, 70]
    assert len(asked) < 12
    assert max(b - a for a, b in itertools.pairwise(asked)) <= 24 * 60


def test_a_source_that_cannot_be_reached_is_asked_once(db: Database, tmp_path: Path) -> None:
    log = naming(db, *(bytes([n]) * 10 for n in range(5)))
    gone = FolderSource(tmp_path / "pulled out")
    assert fetched(db, log, gone) == 0
    assert len(attachments.wanted(db.read, log, now_ms=START_MS)) == 4


def test_too_large_is_not_fetched(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MAX_ATTACHMENT_BYTES", len(PICTURE) - 1)
    log = naming(db, PICTURE, b"small")
    assert state(db.read, HASH) is State.TOO_LARGE
    assert fetched(db, log, folder(tmp_path / "a", PICTURE, b"small")) == 1
    with pytest.raises(PeerError, match="an attachment has at most"):
        db.write(lambda rows: attachments.keep(rows, HASH, PICTURE, logs=[log]))


def test_all_together_take_what_the_keeper_allows(db: Database, tmp_path: Path) -> None:
    log = naming(db, PICTURE, b"small")
    db.write(lambda rows: attachments.set_most_bytes(rows, 100))
    assert fetched(db, log, folder(tmp_path / "a", PICTURE, b"small")) == 1
    assert state(db.read, HASH) is State.WAITING
    db.write(lambda rows: attachments.set_most_bytes(rows, 2_000))
    assert fetched(db, log, folder(tmp_path / "a", PICTURE), now_ms=START_MS + 1) == 1
    with pytest.raises(InputError, match="not a number of bytes"):
        db.write(lambda rows: attachments.set_most_bytes(rows, -1))


def test_a_false_size_does_not_keep_others_from_it(db: Database, tmp_path: Path) -> None:
    liar = Participant("liar")
    liar.say(Profile(name="liar"), attachments=[Attachment(HASH, 3, "image/jpeg", "short")])
    liar.arrive(db)
    log = naming(db, PICTURE)
    assert fetched(db, log, folder(tmp_path / "a", PICTURE)) == 1


def test_the_keeper_refuses_and_allows(db: Database, tmp_path: Path) -> None:
    log = naming(db, PICTURE)
    source = folder(tmp_path / "a", PICTURE)
    assert fetched(db, log, source) == 1
    db.write(lambda rows: refuse(rows, HASH))
    assert state(db.read, HASH) is State.REFUSED
    assert attachments.refused(db.read) == (HASH,)
    assert b"picture of rice" not in db.path.read_bytes()
    with pytest.raises(RefusedByKeeper, match="refused by the keeper"):
        kept(db.read, log, HASH)
    with pytest.raises(RefusedByKeeper):
        db.write(lambda rows: accept(rows, HASH, PICTURE))
    assert fetched(db, log, source, now_ms=START_MS + 10**10) == 0
    db.write(lambda rows: attachments.allow(rows, HASH))
    assert fetched(db, log, source, now_ms=START_MS + 10**10) == 1
    with pytest.raises(InputError, match="not refused here"):
        db.write(lambda rows: attachments.allow(rows, HASH))


def test_refused_before_anybody_named_it(db: Database, tmp_path: Path) -> None:
    db.write(lambda rows: refuse(rows, HASH))
    log = naming(db, PICTURE)
    assert fetched(db, log, folder(tmp_path / "a", PICTURE)) == 0
    assert state(db.read, HASH) is State.REFUSED
    with pytest.raises(InputError, match="64 hexadecimal digits"):
        db.write(lambda rows: refuse(rows, "rice.jpg"))


def test_pushed_bytes_must_be_named_by_a_carried_log(db: Database) -> None:
    log = naming(db, PICTURE)
    with pytest.raises(PeerError, match="no statement of a log that is carried here"):
        db.write(lambda rows: accept(rows, HASH, PICTURE))
    origin = logs.head_by_id(db.read, log).origin
    db.write(lambda rows: keeping.carry(rows, origin))
    with pytest.raises(PeerError, match="another hash"):
        db.write(lambda rows: accept(rows, HASH, b"x"))
    assert db.write(lambda rows: accept(rows, HASH, PICTURE))
    assert not db.write(lambda rows: accept(rows, HASH, PICTURE))


def test_the_last_room_on_a_disk_is_not_for_pictures_of_others(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = naming(db, PICTURE)
    origin = logs.head_by_id(db.read, log).origin
    db.write(lambda rows: keeping.carry(rows, origin))
    monkeypatch.setattr(disk, "LOOKS_AGAIN_NS", 0)
    monkeypatch.setattr(disk, "LEAST_FREE_BYTES", 2**62)
    assert fetched(db, log, folder(tmp_path / "a", PICTURE)) == 0
    with pytest.raises(PeerError, match="nearly full"):
        db.write(lambda rows: accept(rows, HASH, PICTURE))
    monkeypatch.setattr(disk, "LEAST_FREE_BYTES", 0)
    assert fetched(db, log, folder(tmp_path / "b", PICTURE)) == 1


def test_one_log_does_not_hand_on_what_another_named(db: Database, tmp_path: Path) -> None:
    log, other = naming(db, PICTURE), naming(db, b"x", name="bob")
    assert fetched(db, log, folder(tmp_path / "a", PICTURE)) == 1
    assert kept(db.read, other, HASH) is None


@pytest.mark.parametrize(
    ("said", "shown", "ending"),
    [
        ("image/png", "image/png", ".png"),
        ("text/html", "application/octet-stream", ".bin"),
        ("image/svg+xml", "application/octet-stream", ".bin"),
        ("application/javascript", "application/octet-stream", ".bin"),
        ("application/pdf", "application/pdf", ".pdf"),
    ],
)
def test_handed_on_to_be_saved_and_run_nowhere(
    db: Database, tmp_path: Path, said: str, shown: str, ending: str
) -> None:
    log = naming(db, PICTURE, type=said)
    fetched(db, log, folder(tmp_path / "a", PICTURE))
    found = kept(db.read, log, HASH)
    assert found is not None
    assert found.headers["content-type"] == shown
    assert found.headers["content-disposition"] == f'attachment; filename="{HASH[:16]}{ending}"'
    assert found.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in found.headers["content-security-policy"]


def test_what_no_log_names_any_more_is_let_go(db: Database, tmp_path: Path) -> None:
    log, other = naming(db, PICTURE, b"both"), naming(db, b"both", name="bob")
    fetched(db, log, folder(tmp_path / "a", PICTURE, b"both"))
    db.write(lambda rows: refuse(rows, "ab" * 32))
    ann = logs.head_by_id(db.read, log).origin
    assert not db.write(lambda rows: following.forget(rows, ann)), "the room follows it"
    db.write(lambda rows: following.unfollow(rows, "pond", ann))
    assert db.write(lambda rows: following.forget(rows, ann))
    assert state(db.read, HASH) is State.UNKNOWN
    assert kept(db.read, other, sha256(b"both").hexdigest()) is not None
    assert state(db.read, "ab" * 32) is State.REFUSED


@pytest.mark.parametrize("who_first", ["ann", "mallory"])
def test_what_another_says_of_its_size_does_not_matter(db: Database, tmp_path: Path, who_first: str) -> None:
    """Naming somebody's picture as far too large keeps it from nobody."""

    def ann() -> int:
        return naming(db, PICTURE)

    def mallory() -> int:
        author = Participant("mallory")
        author.say(Profile(name="m"), attachments=[Attachment(HASH, 2**40, "image/jpeg", "x")])
        db.write(lambda rows: following.follow(rows, "pond", author.did, []))
        return author.arrive(db)

    log = [job() for job in ((ann, mallory) if who_first == "ann" else (mallory, ann))][who_first != "ann"]
    assert state(db.read, HASH) is State.WAITING
    assert fetched(db, log, folder(tmp_path / "a", PICTURE)) == 1

"""Logs as anybody reads them over HTTP: each address, each width, what is cached, and what is not there."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from hashlib import sha256

import foreign
import httpx2
import pytest
from shown_logs import own_key, pusher, said, spoken
from sites import PROFILE, SLUG, Site, start_site
from static_logs import vkey_of

from millpond.log import checkpoint, cosignature, inclusion, tiles
from millpond.log.merkle import EMPTY_ROOT
from millpond.network import attachments, cards, keeping
from millpond.node import own_log, publishing
from millpond.store import logs
from millpond.store.logs import origin_hash

CLIENT = httpx2.Client(timeout=30)
SIZE = 600
FOREVER = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("shown")) as started:
        yield started


@pytest.fixture(scope="module")
def log(site: Site) -> str:
    return f"{site.base}/logs/{spoken(site, SIZE)}"


@pytest.fixture(scope="module")
def carried(site: Site) -> str:
    """A log of somebody else, pushed here."""
    who = pusher(site, 300)
    assert who.checkpoint("mirror", 0).status_code == 200
    assert who.push(0, 300).status_code == 200
    return f"{site.base}/logs/{who.hash}"


def get(url: str, **headers: str) -> httpx2.Response:
    return CLIENT.get(url, headers={"accept-encoding": "identity"} | headers)


def is_plain(answer: httpx2.Response, status: int) -> bool:
    """One line of text for a person, no cookie, no page."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "set-cookie" not in answer.headers
    assert "location" not in answer.headers
    assert answer.text.count("\n") == 1
    assert answer.text.endswith("\n")
    assert "<" not in answer.text
    return True


def test_others_audit_what_a_node_shows(site: Site, log: str, carried: str) -> None:
    """aics-tlog reads every tile and every bundle over HTTP, of an own log and of a carried one."""
    own = own_log.current(site.read)
    assert own is not None
    done = foreign.audit(f"{log}/", vkey_of(own_key(site)), own.did)
    assert done.returncode == 0, done.stderr
    who = pusher(site, 300)
    done = foreign.audit(f"{carried}/", vkey_of(who.key), who.key.did)
    assert done.returncode == 0, done.stderr


def test_the_checkpoint_is_asked_for_again_each_time(site: Site, log: str) -> None:
    own = own_log.current(site.read)
    assert own is not None
    answer = get(f"{log}/checkpoint")
    head = checkpoint.read(answer.content, own.did)
    assert head.size == SIZE
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    tag = answer.headers["etag"]
    assert tag.startswith('"')
    for asked in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        same = get(f"{log}/checkpoint", **{"if-none-match": asked})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag), asked
    for asked in ('"other"', "", tag.strip('"')):
        assert get(f"{log}/checkpoint", **{"if-none-match": asked}).status_code == 200
    packed = get(f"{log}/checkpoint", **{"accept-encoding": "gzip"})
    assert "content-encoding" not in packed.headers  # a strong tag is about these very bytes
    assert packed.headers["etag"] == tag


def test_every_width_that_a_tile_ever_had_is_there(site: Site, log: str) -> None:
    head = logs.head_by_hash(site.read, log.rpartition("/")[2])
    assert head is not None
    entries = logs.entries(site.read, head.id, 0, SIZE)
    hashes = logs.hashes_at(site.read, head.id)
    for number, widest in ((0, 256), (1, 256), (2, SIZE - 512)):
        for width in range(1, widest + 1):
            path = tiles.tile_path(0, number, width)
            answer = get(f"{log}/{path}")
            assert answer.status_code == 200, path
            assert len(answer.content) == 32 * width
            assert answer.content[-32:] == hashes(0, 256 * number + width - 1)
    for width in (1, 2):
        assert len(get(f"{log}/tile/1/000.p/{width}").content) == 32 * width
    for width in (1, 17, 255, 256):
        answer = get(f"{log}/{tiles.entries_path(1, width)}")
        assert tiles.decode_bundle(answer.content)[0] == entries[256 : 256 + width]
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["cache-control"] == FOREVER
        assert answer.headers["content-length"] == str(len(answer.content))


@pytest.mark.parametrize(
    "path",
    [
        "0/000.p/0", "0/000.p/256", "0/000.p/01", "0/002", "0/002.p/89", "0/003.p/1", "1/000", "1/000.p/3",
        "2/000.p/1", "0/0", "0/1", "0/000/", "0/x000/000", "00/000", "-1/000", "64/000.p/1", "0/000.p/1/",
        "entries/003", "entries/002.p/89", "entries/000.p/+1", "entries/x999/x999/x999/999", "", "0",
        "0/x999/x999/x999/x999/x999/999", "0/..%2f..%2fcheckpoint", "entries/%2e%2e/000", "..%2f..%2fnode.db",
        "0/000.p/1%00", "0/%EF%BC%90%EF%BC%90%EF%BC%90", "9" * 3_000, "0/000%0a", "entries//000",
    ],
)  # fmt: skip
def test_what_is_no_tile_of_the_log_is_not_there(log: str, path: str) -> None:
    assert is_plain(get(f"{log}/tile/{path}"), 404)


def test_bundles_are_packed_as_one_member_for_who_takes_it(log: str) -> None:
    plain = get(f"{log}/tile/entries/000")
    packed = CLIENT.send(
        httpx2.Request("GET", f"{log}/tile/entries/000", headers={"accept-encoding": "gzip, identity"}),
        stream=True,
    )
    raw = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["content-length"] == str(len(raw))
    assert "accept-encoding" in packed.headers["vary"].lower()
    assert len(raw) < len(plain.content)
    assert gzip.decompress(raw) == plain.content
    for refuses in ("identity", "gzip;q=0", "gzip; q=0.0", "br"):
        answer = get(f"{log}/tile/entries/000", **{"accept-encoding": refuses})
        assert "content-encoding" not in answer.headers
        assert answer.content == plain.content
    hashes = get(f"{log}/tile/0/000", **{"accept-encoding": "gzip"})
    assert "content-encoding" not in hashes.headers  # hashes do not get smaller


def test_what_is_asked_with_head_is_said_without_a_body(log: str) -> None:
    for path in ("checkpoint", "tile/0/000", "tile/entries/000", "entries/0"):
        url = f"{log}/{path}"
        headers = {"accept-encoding": "identity"}
        full, answer = get(url), CLIENT.head(url, headers=headers)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-length"] == str(len(full.content))
        assert answer.headers["content-type"] == full.headers["content-type"]


def test_a_range_begins_anywhere_and_ends_with_an_entry(site: Site, log: str) -> None:
    head = logs.head_by_hash(site.read, log.rpartition("/")[2])
    assert head is not None
    entries = logs.entries(site.read, head.id, 0, SIZE)
    for start in (0, 1, 255, 256, 300, SIZE - 1):
        answer = get(f"{log}/entries/{start}")
        assert tiles.decode_bundle(answer.content) == (entries[start:], len(answer.content))
        assert answer.headers["cache-control"] == "public, max-age=5"
    for start in (0, 254, SIZE - 2):
        one, two = (2 + len(entry) for entry in entries[start : start + 2])
        for most, count in ((0, 1), (1, 1), (one, 1), (one + two - 1, 1), (one + two, 2)):
            answer = get(f"{log}/entries/{start}?most={most}")
            assert tiles.decode_bundle(answer.content)[0] == entries[start : start + count], most
    assert get(f"{log}/entries/{SIZE}").content == b""
    assert is_plain(get(f"{log}/entries/{SIZE + 1}"), 404)
    for wrong in ("-1", "x", "1.5", "%C2%B2", "9" * 16, "", "1e3"):
        assert is_plain(get(f"{log}/entries/0?most={wrong}"), 400), wrong
    for wrong in ("-1", "x", "%C2%B2", "9" * 16, "1.0", "0/0"):
        assert is_plain(get(f"{log}/entries/{wrong}"), 404), wrong


def test_a_range_is_never_longer_than_it_may_be(site: Site, log: str) -> None:
    who = pusher(site, 0, 8)
    who.entries = said(64, who.key, words=5_000)
    who.checkpoint("mirror", 0)
    assert who.push(0, 64).status_code == 200
    answer = get(f"{site.base}/logs/{who.hash}/entries/0?most={10**9}")
    assert 900_000 < len(answer.content) <= 2**20
    assert get(f"{site.base}/logs/{who.hash}/entries/0").content == answer.content


def test_what_is_no_log_here_is_not_there(site: Site, log: str) -> None:
    hash = log.rpartition("/")[2]
    for other in ("0" * 64, hash.upper(), hash[:-1], hash + "0", "x", "%2e%2e", "%00", SLUG, "9" * 5_000):
        for path in ("checkpoint", "tile/0/000", "entries/0", "attachments/" + "0" * 64):
            assert is_plain(get(f"{site.base}/logs/{other}/{path}"), 404), other
    for path in (
        "/logs",
        "/logs/",
        f"/logs/{hash}",
        f"/logs/{hash}/",
        f"/logs/{hash}/checkpoint/",
        "/mirror",
    ):
        assert is_plain(get(site.base + path), 404), path


def test_a_log_without_a_checkpoint_is_not_shown(site: Site) -> None:
    who = pusher(site, 10, 9)
    assert who.checkpoint("mirror", 0).status_code == 200
    for path in ("checkpoint", "tile/0/000.p/1", "entries/0"):
        assert is_plain(get(f"{site.base}/logs/{who.hash}/{path}"), 404)
    assert who.push(0, 10).status_code == 200
    assert get(f"{site.base}/logs/{who.hash}/checkpoint").status_code == 200


def test_an_empty_log_is_a_checkpoint_alone(site: Site) -> None:
    who = pusher(site, 0, 10)
    assert who.checkpoint("mirror", 0).status_code == 200
    assert who.push(0, 0).status_code == 200
    answer = get(f"{site.base}/logs/{who.hash}/checkpoint")
    assert checkpoint.read(answer.content, who.key.did).root == EMPTY_ROOT
    assert is_plain(get(f"{site.base}/logs/{who.hash}/tile/0/000.p/1"), 404)
    assert get(f"{site.base}/logs/{who.hash}/entries/0").content == b""


def test_a_room_may_keep_its_log_from_being_shown(site: Site, log: str) -> None:
    site.write(lambda rows: publishing.publish(rows, False))
    try:
        for path in ("checkpoint", "tile/0/000", "entries/0"):
            assert is_plain(get(f"{log}/{path}"), 404)
        assert is_plain(get(f"{site.base}/{SLUG}/card"), 404)
    finally:
        site.write(lambda rows: publishing.publish(rows, True))
    assert get(f"{log}/checkpoint").status_code == 200


def test_rooms_come_and_go_with_their_logs(site: Site) -> None:
    node = site.node
    node.set_up_room("mill", PROFILE, code=node.add_room("mill"), owner="Li", passphrase_hash="")
    room = node.room("mill")
    assert room is not None
    assert is_plain(get(f"{site.base}/mill/card"), 404)
    receipt = own_log.say(node, room, "note/1", {"text": "here"})
    did = inclusion.parse(receipt.text).checkpoint.origin
    url = f"{site.base}/logs/{origin_hash(did)}/checkpoint"
    assert checkpoint.read(get(url).content).origin == did
    assert cards.read(get(f"{site.base}/mill/card").text).did == did
    new = own_log.succeed(node, room)
    assert get(url).status_code == 200  # what was said before is still shown
    assert get(f"{site.base}/logs/{origin_hash(new)}/checkpoint").status_code == 200
    assert cards.read(get(f"{site.base}/mill/card").text).did == new
    del room
    node.remove_room("mill")
    for gone in (url, f"{site.base}/logs/{origin_hash(new)}/checkpoint"):
        assert is_plain(get(gone), 404)


def test_cards_say_who_is_where(site: Site, log: str) -> None:
    own = own_log.current(site.read)
    assert own is not None
    at = ("http://pond.example",)
    card = cards.read(get(f"{site.base}/{SLUG}/card", host="pond.example").text)
    assert (card.did, card.addresses, card.name, card.is_keeper) == (own.did, at, "平塘团", False)
    keeper = cards.read(get(f"{site.base}/card", host="pond.example").text)
    assert (keeper.addresses, keeper.is_keeper) == (at, True)
    assert keeper.did == keeping.keeper(site.node.network, site.node.vault, now_ms=0).did
    key = get(f"{site.base}/witness/key").text.strip()
    assert key.startswith(keeper.did + "+")
    assert get(f"{site.base}/mirror/key").text.strip() != key  # two cosigners


def test_attachments_of_an_own_log(site: Site, log: str) -> None:
    data = b"a page of a contract" * 100
    named = site.write(
        lambda rows: own_log.attach_in(rows, data, "application/pdf", "contract.pdf", now_ms=0)
    )
    own_log.say(site.node, site.room, "note/1", {"text": "signed"}, attachments=[named])
    answer = get(f"{log}/attachments/{named.sha256}")
    assert answer.content == data
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["cache-control"] == FOREVER
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    page = site.write(lambda rows: own_log.attach_in(rows, b"<script>", "text/html", "a.html", now_ms=0))
    assert get(f"{log}/attachments/{page.sha256}").headers["content-type"] == "application/octet-stream"
    for other in ("0" * 64, named.sha256.upper(), "x", "..%2fcheckpoint"):
        assert is_plain(get(f"{log}/attachments/{other}"), 404)


def test_an_attachment_goes_on_where_it_was_cut(site: Site, log: str) -> None:
    data = bytes(range(256)) * 10
    named = site.write(lambda rows: own_log.attach_in(rows, data, "image/png", "rice.png", now_ms=0))
    url = f"{log}/attachments/{named.sha256}"
    whole = get(url)
    tag = whole.headers["etag"]
    assert (whole.status_code, whole.headers["accept-ranges"]) == (200, "bytes")
    for asked, start, end in (
        ("bytes=0-", 0, 2_560),
        ("bytes=1000-", 1_000, 2_560),
        ("bytes=7-7", 7, 8),
        ("bytes=2550-9999", 2_550, 2_560),
        ("bytes=-10", 2_550, 2_560),
        ("bytes=-99999", 0, 2_560),
    ):
        for more in ({}, {"if-range": tag}):
            part = get(url, range=asked, **more)
            assert (part.status_code, part.content) == (206, data[start:end]), asked
            assert part.headers["content-range"] == f"bytes {start}-{end - 1}/2560"
            assert part.headers["content-length"] == str(end - start)
            for name in ("content-type", "content-disposition", "content-security-policy", "etag"):
                assert part.headers[name] == whole.headers[name]
    for asked in ("bytes=2560-", "bytes=-0", "bytes=99999-100000"):
        none = get(url, range=asked)
        assert is_plain(none, 416)
        assert none.headers["content-range"] == "bytes */2560"
    for asked in ("bytes=0-1,4-5", "bytes=5-4", "bytes=-", "bytes=a-", "lines=0-1", "bytes", "bytes=9"):
        assert get(url, range=asked).content == data, asked
    assert get(url, **{"range": "bytes=9-", "if-range": '"other"'}).content == data
    assert CLIENT.head(url, headers={"range": "bytes=9-"}).headers["content-length"] == "2560"


def test_attachments_of_a_carried_log(site: Site, carried: str) -> None:
    network, who = site.node.network, pusher(site, 300)
    data, other = b"a picture of rice" * 50, b"another"
    hashes = [sha256(one).hexdigest() for one in (data, other)]
    head = logs.head_by_hash(network.read, who.hash)
    assert head is not None
    url = f"{site.base}/mirror/attachments/{hashes[0]}"
    assert is_plain(CLIENT.put(url, content=data), 404)  # no statement names it
    names = [attachments.Attachment(hashes[0], len(data), "image/png", "rice.png")]
    network.write(lambda rows: attachments.name(rows, head.id, 3, names))
    assert is_plain(get(f"{carried}/attachments/{hashes[0]}"), 404)  # it is not here yet
    assert is_plain(CLIENT.put(url, content=other), 422)
    too_much = CLIENT.put(url, content=b"a" * (attachments.MAX_ATTACHMENT_BYTES + 1))
    assert too_much.status_code == 413
    assert is_plain(CLIENT.put(url, content=data), 201)
    assert is_plain(CLIENT.put(url, content=data), 200)
    answer = get(f"{carried}/attachments/{hashes[0]}")
    assert (answer.content, answer.headers["content-type"]) == (data, "image/png")
    network.write(lambda rows: attachments.refuse(rows, hashes[0]))
    assert is_plain(get(f"{carried}/attachments/{hashes[0]}"), 410)
    assert is_plain(CLIENT.put(url, content=data), 403)
    assert is_plain(CLIENT.put(f"{site.base}/mirror/attachments/x", content=data), 404)


def test_a_carried_log_is_shown_with_the_mirrors_cosignature(site: Site, carried: str) -> None:
    who = pusher(site, 300)
    note = get(f"{carried}/checkpoint").content
    head = checkpoint.read(note, who.key.did)
    keeper = keeping.keeper(site.node.network, site.node.vault, now_ms=0)
    for key in (keeper.mirror, keeper.witness):
        assert cosignature.verify(head, note, key.did, key.public) == site.clock() // 1_000

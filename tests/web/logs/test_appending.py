"""Entries appended over HTTP: the signature allows it, the receipt proves it, whatever else comes at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence

import httpx2
import pytest
from apart import run_apart
from shown_logs import own_key, said, spoken
from sites import Site, start_site
from static_logs import key_of

from millpond.desk.refusals import Refused
from millpond.log import inclusion, statement
from millpond.log.keys import Key
from millpond.log.statement import MAX_ENTRY_BYTES
from millpond.node import own_log
from millpond.node.own_log import Receipt, Why
from millpond.store import Rows, disk, logs

CLIENT = httpx2.Client(timeout=30)


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("appended")) as started:
        yield started


@pytest.fixture
def url(site: Site) -> str:
    return f"{site.base}/logs/{spoken(site, 3)}/append"


def size(site: Site) -> int:
    own = own_log.current(site.read)
    assert own is not None
    head = logs.head(site.read, own.did)
    assert head is not None
    return head.size


def refused(answer: httpx2.Response, status: int, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.count("\n") == 1


def test_an_entry_gets_its_place_and_a_receipt(site: Site, url: str) -> None:
    key = own_key(site)
    for number, entry in enumerate(said(3, key), 3):
        answer = CLIENT.post(url, content=entry)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert inclusion.check(answer.content, entry, key.did).index == number
    assert size(site) == 6


def test_the_same_again_has_the_same_place(site: Site, url: str) -> None:
    key = own_key(site)
    first, other = said(2, key)
    assert inclusion.check(CLIENT.post(url, content=first).content, first, key.did).index == 3
    CLIENT.post(url, content=other)
    again = inclusion.check(CLIENT.post(url, content=first).content, first, key.did)
    assert (again.index, again.checkpoint.size) == (3, 5)
    assert size(site) == 5


def test_what_is_not_signed_by_the_log_is_refused(site: Site, url: str) -> None:
    key, other = own_key(site), key_of(5)
    theirs = said(1, other)[0]
    ours = said(1, key)[0]
    payload, _ = statement.split(ours)
    forged = payload + theirs[theirs.index(b"\n") :]
    for entry in (theirs, forged):
        refused(CLIENT.post(url, content=entry), 403, "not signed by the key of this log")
    for entry in (b"", b"\n", b"{}", payload, ours[:-1], ours + b"\n", ours[1:], b"\0" * 300, b"\xff" * 300):
        refused(CLIENT.post(url, content=entry), 400, "no entry of a log")
    assert size(site) == 3
    assert CLIENT.post(url, content=ours).status_code == 200


def test_other_logs_are_not_here(site: Site, url: str) -> None:
    entry = said(1, own_key(site))[0]
    for hash in ("0" * 64, "x", "%00"):
        refused(CLIENT.post(f"{site.base}/logs/{hash}/append", content=entry), 404, "no such log")
    assert CLIENT.get(url).status_code == 405
    assert size(site) == 3


def test_a_resting_log_takes_nothing_and_tells_its_author_why(site: Site, url: str) -> None:
    key = own_key(site)
    site.write(lambda rows: own_log.rest(rows, Why.RESTORED, now_ms=site.clock()))
    refused(CLIENT.post(url, content=said(1, key)[0]), 409, "may have said more since")
    refused(CLIENT.post(url, content=said(1, key_of(5))[0]), 403, "not signed")
    assert size(site) == 3


def test_a_log_that_ended_takes_nothing(site: Site, url: str) -> None:
    key = own_key(site)
    own_log.succeed(site.node, site.room)
    refused(CLIENT.post(url, content=said(1, key)[0]), 409, "another key")


def test_what_ends_a_log_is_not_appended(site: Site, url: str) -> None:
    key = own_key(site)
    body = {"successor": key_of(9).did}
    entry = statement.sign(statement.write("successor/1", key.did, 1, body), key)
    refused(CLIENT.post(url, content=entry), 400, "millpond log succeed")
    assert size(site) == 3


def test_a_long_body_is_cut_off(site: Site, url: str) -> None:
    assert CLIENT.post(url, content=b"a" * (MAX_ENTRY_BYTES + 1)).status_code == 413
    key = own_key(site)
    longest = statement.write("note/1", key.did, 1, {"text": ""})
    room = statement.MAX_PAYLOAD_BYTES - len(longest)
    entry = statement.sign(statement.write("note/1", key.did, 1, {"text": "a" * room}), key)
    assert len(entry) == MAX_ENTRY_BYTES
    assert CLIENT.post(url, content=entry).status_code == 200


def test_what_is_packed_or_comes_from_another_site_is_refused(site: Site, url: str) -> None:
    entry = said(1, own_key(site))[0]
    answer = CLIENT.post(url, content=entry, headers={"content-encoding": "gzip"})
    refused(answer, 415, "Content-Encoding")
    answer = CLIENT.post(url, content=entry, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert size(site) == 3


async def _send(url: str, entries: list[bytes]) -> list[httpx2.Response]:
    async with httpx2.AsyncClient(timeout=60, limits=httpx2.Limits(max_connections=40)) as client:
        return await asyncio.gather(*(client.post(url, content=entry) for entry in entries))


def test_what_comes_at_once_gets_a_place_each_and_one_that_is_wrong_spoils_nothing(
    site: Site, url: str
) -> None:
    key: Key = own_key(site)
    right, wrong = said(150, key), said(30, key_of(5))
    mixed = [
        entry for n, entry in enumerate(right) for entry in (entry, *wrong[n // 5 : n // 5 + (n % 5 == 0)])
    ]
    answers = run_apart(_send(url, [*mixed, right[0]]))
    places = {}
    for entry, answer in zip([*mixed, right[0]], answers, strict=True):
        if entry in wrong:
            assert answer.status_code == 403
            continue
        assert answer.status_code == 200, answer.text
        place = inclusion.check(answer.content, entry, key.did).index
        assert places.setdefault(entry, place) == place
    assert sorted(places.values()) == list(range(3, 153))
    assert size(site) == 153


def test_what_is_wrong_waits_for_nobody(site: Site, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is answered while the writer is busy, and comes into no transaction."""
    key, batches = own_key(site), []
    real = own_log.append_in

    def counted(rows: Rows, key: Key, entries: Sequence[bytes]) -> tuple[Receipt, ...]:
        batches.append(list(entries))
        return real(rows, key, entries)

    monkeypatch.setattr(own_log, "append_in", counted)
    ends = statement.sign(statement.write("successor/1", key.did, 1, {"successor": key_of(9).did}), key)
    right, go_on = said(1, key), threading.Event()
    busy = threading.Thread(target=site.write, args=(lambda _: go_on.wait(30),))
    busy.start()
    try:
        refused(CLIENT.post(url, content=said(1, key_of(5))[0]), 403, "not signed")
        refused(CLIENT.post(url, content=right[0][:-1]), 400, "no entry of a log")
        refused(CLIENT.post(url, content=ends), 400, "millpond log succeed")
        assert batches == []
    finally:
        go_on.set()
        busy.join()
    assert CLIENT.post(url, content=right[0]).status_code == 200
    assert batches == [right]


def test_a_full_log_takes_nothing_more(site: Site, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its entries and the pictures of the room count; what stands in it has its receipt."""
    key = own_key(site)
    first, second, third = said(3, key)
    taken = site.read.value("own_log.bytes", did=key.did)
    monkeypatch.setattr(own_log, "MOST_BYTES", taken + logs.taken([first]) + 2**20)
    assert CLIENT.post(url, content=first).status_code == 200
    site.write(lambda rows: own_log.attach_in(rows, bytes(2**20), "image/png", "rice.png", now_ms=1))
    refused(CLIENT.post(url, content=second), 409, "at most 1 MiB")
    with pytest.raises(Refused, match="full"):
        own_log.say(site.node, site.room, "note/1", {"text": "more"})
    assert inclusion.check(CLIENT.post(url, content=first).content, first, key.did).index == 3
    assert size(site) == 4
    own_log.succeed(site.node, site.room)  # it can still go on under another key
    monkeypatch.setattr(own_log, "MOST_BYTES", 2**30)
    refused(CLIENT.post(url, content=third), 409, "another key")


def test_a_picture_that_fills_a_log_is_not_kept_without_its_statement(
    site: Site, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = own_key(site)
    monkeypatch.setattr(own_log, "MOST_BYTES", site.read.value("own_log.bytes", did=key.did) + 2**16)

    def job(rows: Rows) -> None:
        picture = own_log.attach_in(rows, bytes(2**16), "image/png", "rice.png", now_ms=1)
        own_log.say_in(rows, key, own_log.Saying("note/1", {"text": "rice"}, (picture,)), now_ms=1)

    with pytest.raises(Refused, match="full"):
        site.write(job)
    assert site.read.all("own_log.attachments") == []


def test_the_last_room_on_a_disk_is_not_for_entries(
    site: Site, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "LOOKS_AGAIN_NS", 0)
    monkeypatch.setattr(disk, "LEAST_FREE_BYTES", 2**62)
    entry = said(1, own_key(site))[0]
    refused(CLIENT.post(url, content=entry), 403, "nearly full")
    refused(CLIENT.post(url, content=said(1, key_of(5))[0]), 403, "not signed")
    monkeypatch.setattr(disk, "LEAST_FREE_BYTES", 0)
    assert CLIENT.post(url, content=entry).status_code == 200


def test_a_log_that_rests_or_ends_meanwhile_takes_nothing_more(site: Site, url: str) -> None:
    """The key was opened before; whether it may sign is asked each time."""
    key = own_key(site)
    first, second, third = said(3, key)
    assert CLIENT.post(url, content=first).status_code == 200
    site.write(lambda rows: own_log.rest(rows, Why.TWICE, now_ms=site.clock()))
    refused(CLIENT.post(url, content=second), 409, "taken in here before")
    own_log.succeed(site.node, site.room)
    refused(CLIENT.post(url, content=third), 409, "another key")
    assert CLIENT.get(url.replace("append", "checkpoint")).status_code == 200

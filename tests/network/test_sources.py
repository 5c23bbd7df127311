"""Sources: what a folder and a web server give, and what is said when they do not."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import httpx2
import pytest
from static_logs import entries_of, files_of, key_of, write_log
from static_server import (
    Answer,
    Answers,
    Asked,
    Told,
    all_of,
    files_answering,
    ranges_answering,
    static_server,
    told_server,
)

from millpond.errors import InputError, PeerError, Unreachable
from millpond.log.tiles import Tile, encode_bundle
from millpond.network import http_source
from millpond.network.sources import FolderSource, HttpSource, Source, source_at

KEY = key_of(1)
ENTRIES = entries_of(1_000)
FILES = files_of(ENTRIES, KEY)
Found = TypeVar("Found")


def asking(answers: Answers, job: Callable[[HttpSource], Awaitable[Found]]) -> tuple[Found, Told]:
    """What the job comes to with a source over HTTP at a server that answers so."""

    async def run() -> tuple[Found, Told]:
        async with told_server(answers) as told, httpx2.AsyncClient() as client:
            return await job(HttpSource(client, f"{told.address}/log")), told

    return asyncio.run(run())


def but(path: str, answer: Answer, answers: Answers | None = None) -> Answers:
    """Honest but for one path."""
    honest = answers or files_answering(FILES)
    return lambda asked: answer if asked.path == f"/log/{path}" else honest(asked)


# ---- honest ones


@pytest.mark.parametrize("start", [0, 1, 255, 256, 500, 767, 768, 999, 1_000])
@pytest.mark.parametrize("way", ["folder", "static", "ranges"])
def test_entries_come_from_anywhere_on(tmp_path: Path, way: str, start: int) -> None:
    if way == "folder":
        found = asyncio.run(all_of(FolderSource(write_log(tmp_path, ENTRIES, KEY)), start))
    else:
        answers = files_answering(FILES) if way == "static" else ranges_answering(FILES, ENTRIES)
        found, _ = asking(answers, lambda source: all_of(source, start))
    assert found == (ENTRIES[start:], "")


def test_a_server_that_knows_nothing_of_logs_will_do(tmp_path: Path) -> None:
    write_log(tmp_path / "log", ENTRIES, KEY)

    async def run(url: str) -> None:
        async with httpx2.AsyncClient() as client:
            source = HttpSource(client, f"{url}/log/")
            shown = await source.checkpoint()
            assert shown is not None
            assert shown.note == FILES["checkpoint"]
            assert await all_of(source) == (ENTRIES, "")
            assert await source.tile(Tile(0, 3, 232)) == FILES["tile/0/003.p/232"]

    with static_server(tmp_path) as url:
        asyncio.run(run(url))


def test_the_checkpoint_is_asked_for_once(tmp_path: Path) -> None:
    async def twice(source: Source) -> tuple[bytes, bool]:
        shown = await source.checkpoint()
        assert shown is not None
        return shown.note, await source.checkpoint(shown.etag) is None

    folder = FolderSource(write_log(tmp_path, ENTRIES, KEY))
    assert asyncio.run(twice(folder)) == (FILES["checkpoint"], True)
    found, told = asking(files_answering(FILES), twice)
    assert found == (FILES["checkpoint"], True)
    assert told.sent == len(FILES["checkpoint"]), "nothing the second time"


def test_a_tile_that_was_cleared_away_is_cut_out_of_the_full_one(tmp_path: Path) -> None:
    """A static host that has grown since we saw its checkpoint."""

    async def job(source: Source) -> None:
        assert await all_of(source, 0, 700) == (ENTRIES[:700], "")
        assert await source.tile(Tile(0, 2, 188)) == FILES["tile/0/002"][: 188 * 32]

    asyncio.run(job(FolderSource(write_log(tmp_path, ENTRIES, KEY))))
    asking(files_answering(FILES), job)


def test_few_entries_cost_two_bytes_each_and_one_request() -> None:
    found, told = asking(ranges_answering(FILES, ENTRIES), lambda source: all_of(source, 900))
    assert found == (ENTRIES[900:], "")
    assert told.paths == ["/log/entries/900?most=1048576"]
    assert told.sent == sum(len(entry) + 2 for entry in ENTRIES[900:])


def test_a_host_without_the_range_call_is_asked_for_it_once() -> None:
    async def twice(source: Source) -> list[bytes]:
        return (await all_of(source, 900))[0] + (await all_of(source, 950))[0]

    found, told = asking(files_answering(FILES), twice)
    assert found == ENTRIES[900:] + ENTRIES[950:]
    assert [path for path in told.paths if "most" in path] == ["/log/entries/900?most=1048576"]


def test_a_slow_line_takes_one_answer_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the second answer on it is known to be slow: no bundle is asked for that may break off."""
    monkeypatch.setattr(http_source, "SLOW_BYTES_PER_S", 2**60)
    found, told = asking(ranges_answering(FILES, ENTRIES), all_of)
    assert found == (ENTRIES, "")
    assert told.paths == ["/log/tile/entries/000", "/log/entries/256?most=1048576"]


def test_compressed_answers_are_read() -> None:
    def answers(asked: Asked) -> Answer:
        assert "gzip" in asked.headers["accept-encoding"]
        answer = files_answering(FILES)(asked)
        if answer.status != 200:
            return answer
        packed = {"Content-Encoding": "gzip"}
        return replace(answer, body=gzip.compress(answer.body), headers={**answer.headers, **packed})

    assert asking(answers, all_of)[0] == (ENTRIES, "")


def test_an_attachment_is_the_bytes_of_its_hash(tmp_path: Path) -> None:
    hash = sha256(b"picture").hexdigest()
    other = "0" * 64

    async def job(source: Source) -> None:
        assert await source.attachment(hash, 7) == b"picture"
        with pytest.raises(PeerError, match="6 bytes"):
            await source.attachment(hash, 6)
        with pytest.raises(PeerError, match="other bytes"):
            await source.attachment(other, 100)
        with pytest.raises(Unreachable, match="does not have"):
            await source.attachment("1" * 64, 100)

    files = {f"attachments/{hash}": b"picture", f"attachments/{other}": b"no"}
    (tmp_path / "attachments").mkdir()
    for path, data in files.items():
        (tmp_path / path).write_bytes(data)
    asyncio.run(job(FolderSource(tmp_path)))
    asking(files_answering(files), job)


async def rest_of(source: Source, hash: str, start: int, most: int = 100) -> bytes:
    return b"".join([piece async for piece in source.attachment_from(hash, start, most)])


def test_an_attachment_goes_on_at_any_byte(tmp_path: Path) -> None:
    """From a folder, from a server that knows ranges, and from one that sends all of it again."""
    data, hash = bytes(range(90)), sha256(bytes(range(90))).hexdigest()
    (tmp_path / "attachments").mkdir()
    (tmp_path / "attachments" / hash).write_bytes(data)

    async def job(source: Source) -> None:
        for start in (0, 1, 50, 89):
            assert await rest_of(source, hash, start) == data[start:], start
            with pytest.raises(PeerError, match="89 bytes"):
                await rest_of(source, hash, start, 89)
        with pytest.raises(Unreachable, match="does not have"):
            await rest_of(source, "1" * 64, 0)

    def with_ranges(asked: Asked) -> Answer:
        answer = files_answering({f"attachments/{hash}": data})(asked)
        found = re.fullmatch(r"bytes=(\d+)-", asked.headers.get("range", ""))
        if found is None or answer.status != 200:
            return answer
        assert asked.headers["accept-encoding"] == "identity"
        return Answer(data[int(found[1]) :], 206, {"Content-Range": f"bytes {found[1]}-89/90"})

    asyncio.run(job(FolderSource(tmp_path)))
    _, whole = asking(files_answering({f"attachments/{hash}": data}), job)
    _, parts = asking(with_ranges, job)
    assert parts.sent < whole.sent


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Answer(b"abc", 206, {"Content-Range": "bytes 4-6/7"}), "another part"),
        (Answer(b"abc", 206), "another part"),
        (Answer(b"", 416, {"Content-Range": "bytes */3"}), "no more than 5 bytes"),
    ],
)
def test_another_part_than_was_asked_for_is_not_taken(answer: Answer, problem: str) -> None:
    async def job(source: Source) -> None:
        with pytest.raises(PeerError, match=problem):
            await rest_of(source, "0" * 64, 5)

    asking(lambda _: answer, job)


# ---- cut


@pytest.mark.parametrize("cut_at", [0, 1, 2, 100, 5_000])
def test_what_is_whole_of_a_bundle_that_breaks_off_is_kept(cut_at: int) -> None:
    body = FILES["tile/entries/001"]
    found, _ = asking(but("tile/entries/001", Answer(body, cut_at=cut_at)), all_of)
    entries, problem = found
    assert entries == ENTRIES[: len(entries)]
    assert len(encode_bundle(entries[256:])) <= cut_at < len(encode_bundle(ENTRIES[256 : len(entries) + 1]))
    assert problem.startswith("Cut: http")


def test_a_slow_line_that_breaks_sends_nothing_twice() -> None:
    """Every answer of the range call breaks off; what comes is what was missing, and pieces of entries."""
    honest = ranges_answering(FILES, ENTRIES)
    largest = max(map(len, ENTRIES)) + 2

    def answers(asked: Asked) -> Answer:
        return replace(honest(asked), cut_at=2_000)

    async def until_it_is_here(source: Source) -> int:
        found, cuts = ENTRIES[:5], 0
        while len(found) < 1_000:
            some, problem = await all_of(source, len(found))
            found = found + some
            cuts += problem != ""
        assert found == ENTRIES
        return cuts

    cuts, told = asking(answers, until_it_is_here)
    assert cuts > 10
    assert told.sent <= len(encode_bundle(ENTRIES[5:])) + cuts * largest


def test_a_compressed_answer_that_breaks_off_gives_what_is_whole() -> None:
    body = gzip.compress(FILES["tile/entries/000"])
    answer = Answer(body[: len(body) // 2], headers={"Content-Encoding": "gzip"})
    (entries, problem), _ = asking(but("tile/entries/000", answer), all_of)
    assert 0 < len(entries) < 256
    assert entries == ENTRIES[: len(entries)]
    assert problem.startswith("Unreachable")


def test_whoever_is_off_is_unreachable() -> None:
    async def run() -> None:
        async with httpx2.AsyncClient() as client:
            with pytest.raises(Unreachable, match="off"):
                await HttpSource(client, "http://127.0.0.1:1/log").checkpoint()

    asyncio.run(run())


def test_silence_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_source, "SILENT_SECONDS", 0.05)

    async def run() -> None:
        gone = asyncio.Event()

        async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()
            gone.set()

        server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
        async with server, httpx2.AsyncClient() as client:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(Unreachable, match="silent"):
                await HttpSource(client, f"http://127.0.0.1:{port}/log").checkpoint()
            await gone.wait()

    asyncio.run(run())


def test_drops_that_fall_too_slowly_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_source, "PATIENCE_SECONDS", -1.0)
    monkeypatch.setattr(http_source, "SLOWEST_BYTES_PER_S", 2**60)

    async def job(source: Source) -> None:
        with pytest.raises(Unreachable, match="too slowly"):
            await source.checkpoint()

    asking(files_answering(FILES), job)


# ---- wrong


BUNDLE, TILE = FILES["tile/entries/001"], FILES["tile/0/001"]
BOMB = gzip.compress(bytes(40 * 2**20))


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Answer(BUNDLE + b"\0"), "has more in it"),
        (Answer(BUNDLE[:-1]), "255 of its 256"),
        (Answer(b""), "0 of its 256"),
        (Answer(b"", 301, {"Location": "/elsewhere"}), "sends on to /elsewhere"),
        (Answer(b"no", 404), "does not have tile/entries/001"),
        (Answer(b"no", 410), "does not have tile/entries/001"),
        (Answer(BUNDLE, headers={"Content-Encoding": "br"}), "compression"),
        (Answer(BUNDLE, headers={"Content-Encoding": "gzip"}), "not gzip"),
        (Answer(gzip.compress(BUNDLE) * 2, headers={"Content-Encoding": "gzip"}), "more than one"),
        (Answer(BOMB, headers={"Content-Encoding": "gzip"}), "more than the 16,777,472 bytes"),
    ],
)
def test_answers_of_no_honest_server_are_refused(answer: Answer, problem: str) -> None:
    (entries, said), _ = asking(but("tile/entries/001", answer), all_of)
    assert entries[:256] == ENTRIES[:256]
    assert entries == ENTRIES[: len(entries)]
    assert said.startswith("PeerError: http")
    assert problem in said


@pytest.mark.parametrize("status", [400, 403, 429, 500, 502, 503])
def test_who_is_busy_is_asked_again_later(status: int) -> None:
    async def job(source: Source) -> None:
        with pytest.raises(Unreachable, match=str(status)):
            await source.checkpoint()

    asking(lambda asked: Answer(b"not now", status), job)


def test_a_range_call_that_gives_nothing_ends_the_pull() -> None:
    path = "entries/900?most=1048576"
    empty, half = Answer(b""), Answer(b"\0\x09half")
    for answer, problem in ((empty, "Unreachable: .* no entry from 900"), (half, "PeerError: .* middle")):
        (entries, said), _ = asking(but(path, answer), lambda source: all_of(source, 900))
        assert entries == []
        assert re.match(problem, said)


def test_a_range_call_that_gives_too_much_is_cut() -> None:
    """The log has grown since its checkpoint was seen."""
    found, _ = asking(ranges_answering(FILES, ENTRIES), lambda source: all_of(source, 100, 300))
    assert found == (ENTRIES[100:300], "")


def test_a_tile_has_exactly_its_hashes() -> None:
    async def job(source: Source) -> None:
        with pytest.raises(PeerError, match="not 256 hashes"):
            await source.tile(Tile(0, 1))

    for body in (TILE[:-1], TILE[:-32], b""):
        asking(but("tile/0/001", Answer(body)), job)


def test_a_checkpoint_is_no_more_than_a_note() -> None:
    async def job(source: Source) -> None:
        with pytest.raises(PeerError, match="65,536"):
            await source.checkpoint()

    asking(but("checkpoint", Answer(bytes(65_537))), job)


def test_a_strange_etag_is_not_sent_back() -> None:
    async def job(source: Source) -> str:
        shown = await source.checkpoint()
        assert shown is not None
        return shown.etag

    for etag in ('"with "quotes"', "bare", '"' + "x" * 999 + '"', '"\xff"'):
        answer = Answer(FILES["checkpoint"], headers={"ETag": etag})
        assert asking(but("checkpoint", answer), job)[0] == ""


@pytest.mark.parametrize(
    "address",
    ["https://pond.example/log?x=1", "https://pond.example/#a", "http://me:word@pond.example/", "ftp://pond"],
)
def test_an_address_is_host_and_path(address: str) -> None:
    with pytest.raises(InputError):
        HttpSource(httpx2.AsyncClient(), address)


def test_an_address_says_which_kind_it_is(tmp_path: Path) -> None:
    client = httpx2.AsyncClient()
    assert isinstance(source_at("https://pond.example/logs/ab", client), HttpSource)
    assert source_at("https://pond.example/logs/ab/", client).address == "https://pond.example/logs/ab"
    assert isinstance(source_at(str(tmp_path), client), FolderSource)
    with pytest.raises(InputError, match="folder from the root on"):
        source_at("logs", client)

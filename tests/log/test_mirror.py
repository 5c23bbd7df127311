"""Pushing entries to a mirror: a request read in pieces of any size, with the memory of one package."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mangled import accepted, mangled
from static_logs import entries_of, hash_at_of, head_of, key_of

from millpond.errors import InputError
from millpond.log import mirror
from millpond.log.merkle import MAX_SIZE, leaf_hash
from millpond.log.mirror import Decoder, MirrorInfo, Package, Upload
from millpond.log.statement import MAX_ENTRY_BYTES

ORIGIN = key_of(1).did
ENTRIES = entries_of(700)
HASH_AT = hash_at_of(ENTRIES)
HEAD = head_of(ENTRIES, key_of(1))
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
SPANS = [
    (0, 0),
    (0, 1),
    (0, 256),
    (0, 257),
    (0, 700),
    (5, 5),
    (5, 6),
    (255, 257),
    (256, 300),
    (300, 700),
    (699, 700),
]


def entries_between(start: int, end: int) -> list[bytes]:
    return ENTRIES[start:end]


def written(start: int, end: int, ticket: bytes = b"", most: int = mirror.MAX_PACKAGES) -> bytes:
    upload = Upload(ORIGIN, start, end, ticket)
    return b"".join(mirror.write_add_entries(upload, entries_between, hash_at_of(ENTRIES[:end]), most))


def read(decoder: Decoder, pieces: Iterable[bytes]) -> list[Package]:
    return [package for piece in pieces for package in decoder.feed(piece)]


def checked(package: Package, size: int, root: bytes) -> None:
    package.check(LEAVES[package.subtree_start : package.end], size, root)


# ---- what is sent


def test_the_bytes_are_those_of_the_specification() -> None:
    entries = [b"one", b"two", b"three"]
    hash_at = hash_at_of(entries)
    upload = Upload("log", 1, 3, b"T")
    body = b"".join(mirror.write_add_entries(upload, lambda start, end: entries[start:end], hash_at))
    assert body == (
        b"\x00\x03log"
        b"\x00\x00\x00\x00\x00\x00\x00\x01"
        b"\x00\x00\x00\x00\x00\x00\x00\x03"
        b"\x00\x01T"
        b"\x00\x03two\x00\x05three"
        b"\x00"  # the subtree from 0 to 3 is the whole tree: its proof is empty
    )
    longer = [*entries, b"four"]
    upload = Upload("log", 1, 4)
    body = b"".join(
        mirror.write_add_entries(upload, lambda start, end: longer[start:end], hash_at_of(longer))
    )
    assert body.endswith(b"\x00\x04four\x00")


def test_the_proof_of_a_package_stands_behind_its_entries() -> None:
    first = read(Decoder(), [written(0, 257)])[0]
    assert first.proof == (LEAVES[256],)
    assert first.write().endswith(b"\x01" + LEAVES[256])


@pytest.mark.parametrize(
    ("start", "end", "spans"),
    [
        (0, 0, []),
        (0, 1, [(0, 1)]),
        (0, 256, [(0, 256)]),
        (255, 257, [(255, 256), (256, 257)]),
        (300, 700, [(300, 512), (512, 700)]),
        (MAX_SIZE - 2, MAX_SIZE, [(MAX_SIZE - 2, MAX_SIZE)]),
    ],
)
def test_packages_are_cut_where_bundles_are(start: int, end: int, spans: list[tuple[int, int]]) -> None:
    assert list(Upload(ORIGIN, start, end).spans()) == spans


@pytest.mark.parametrize(("start", "end"), SPANS)
def test_what_is_sent_arrives_and_holds(start: int, end: int) -> None:
    decoder = Decoder()
    packages = read(decoder, [written(start, end, b"ticket")])
    assert decoder.upload == Upload(ORIGIN, start, end, b"ticket")
    assert decoder.complete
    assert decoder.next == end
    assert [entry for package in packages for entry in package.entries] == ENTRIES[start:end]
    head = head_of(ENTRIES[:end], key_of(1))
    for package in packages:
        checked(package, end, head.root)


def test_a_request_has_so_many_packages_and_the_next_one_goes_on() -> None:
    upload = Upload(ORIGIN, 0, 100 * 256)
    sent = mirror.write_add_entries(upload, lambda start, end: [b""] * (end - start), lambda *_: bytes(32))
    body = b"".join(sent)
    decoder = Decoder()
    assert len(read(decoder, [body])) == mirror.MAX_PACKAGES == 32
    assert not decoder.complete
    assert decoder.next == 32 * 256
    body = written(0, 700, most=2)
    decoder = Decoder()
    assert [package.end for package in read(decoder, [body])] == [256, 512]
    assert decoder.next == 512
    assert [package.end for package in read(Decoder(), [written(decoder.next, 700)])] == [700]


def test_only_the_right_number_of_entries_is_sent() -> None:
    for wrong in ([], [b"x"], [b"x"] * 3, [b"x", bytes(MAX_ENTRY_BYTES + 1)]):
        with pytest.raises(ValueError, match="these are not the entries 0 to 2"):
            list(mirror.write_add_entries(Upload(ORIGIN, 0, 2), lambda _start, _end: wrong, HASH_AT))  # noqa: B023


# ---- pieces


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1_000])
def test_the_sizes_of_the_pieces_do_not_matter(size: int) -> None:
    body = written(250, 700, b"ticket")
    decoder = Decoder()
    packages = read(decoder, (body[at : at + size] for at in range(0, len(body), size)))
    assert packages == read(Decoder(), [body])
    assert decoder.complete


@given(st.lists(st.integers(0, len(written(250, 300))), max_size=20))
def test_cuts_do_not_matter(cuts: list[int]) -> None:
    body = written(250, 300)
    edges = [0, *sorted(cuts), len(body)]
    pieces = [body[start:end] for start, end in pairwise(edges)]
    assert read(Decoder(), pieces) == read(Decoder(), [body])


def test_a_body_that_stops_is_good_up_to_its_last_whole_package() -> None:
    body = written(250, 700)
    ends = {256: len(written(250, 700, most=1)), 512: len(written(250, 700, most=2)), 700: len(body)}
    for length in range(0, len(body), 11):
        decoder = Decoder()
        packages = read(decoder, [body[:length]])
        assert [package.end for package in packages] == [end for end, at in ends.items() if at <= length]
        assert decoder.complete is (length == len(body))
        assert decoder.next == (packages[-1].end if packages else 250 if decoder.upload else 0)


def test_the_head_is_there_as_soon_as_it_is() -> None:
    head = Upload(ORIGIN, 5, 700, b"ticket").write()
    decoder = Decoder()
    for at in range(len(head)):
        assert decoder.upload is None
        assert not decoder.complete
        assert list(decoder.feed(head[at : at + 1])) == []
    assert decoder.upload == Upload(ORIGIN, 5, 700, b"ticket")
    assert decoder.next == 5


def test_packages_may_be_taken_later() -> None:
    body = written(0, 700)
    decoder = Decoder()
    first = next(packages := decoder.feed(body))
    assert (first.end, decoder.next, decoder.complete) == (256, 256, False)
    assert [package.end for package in packages] == [512, 700]
    assert decoder.complete


def test_a_body_of_any_length_takes_the_memory_of_one_package() -> None:
    entry = bytes(2_000)
    upload = Upload(ORIGIN, 0, 40 * 256)
    package = Package(0, 256, (entry,) * 256, (bytes(32),) * 63).write()

    def pieces() -> Iterator[bytes]:
        yield upload.write()
        for _ in range(40):
            for at in range(0, len(package), 50_000):
                yield package[at : at + 50_000]

    decoder = Decoder()
    tracemalloc.start()
    try:
        count = sum(1 for piece in pieces() for _ in decoder.feed(piece))
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 40
    assert decoder.complete
    assert most < 2.5 * len(package)


# ---- what does not hold


def test_a_package_holds_only_with_its_own_entries_place_proof_and_tree() -> None:
    first, second, third = read(Decoder(), [written(0, 700)])
    checked(second, 700, HEAD.root)
    for wrong in (
        replace(second, proof=()),
        replace(second, proof=second.proof[::-1]),
        replace(second, proof=first.proof),
        replace(second, proof=(*second.proof, bytes(32))),
        replace(second, start=0, end=256),
    ):
        with pytest.raises(InputError):
            checked(wrong, 700, HEAD.root)
    for size, root in ((1_025, HEAD.root), (512, HEAD.root), (511, HEAD.root), (700, bytes(32))):
        with pytest.raises(InputError):
            checked(second, size, root)
    leaves = LEAVES[256:512]
    for at in (0, 100, 255):
        with pytest.raises(InputError):
            second.check([*leaves[:at], leaf_hash(b"another"), *leaves[at + 1 :]], 700, HEAD.root)
    with pytest.raises(InputError):
        second.check([leaves[1], leaves[0], *leaves[2:]], 700, HEAD.root)
    with pytest.raises(ValueError, match="255 leaves for 256 to 512"):
        second.check(leaves[:-1], 700, HEAD.root)
    checked(third, 700, HEAD.root)


def test_what_the_mirror_has_of_the_bundle_counts_too() -> None:
    (package,) = read(Decoder(), [written(300, 400)])
    assert (package.subtree_start, package.start, package.end) == (256, 300, 400)
    root = head_of(ENTRIES[:400], key_of(1)).root
    checked(package, 400, root)
    with pytest.raises(InputError):
        package.check([*LEAVES[0:44], *LEAVES[300:400]], 400, root)


# ---- what is refused


def test_an_entry_that_is_too_long_is_refused_before_it_is_read() -> None:
    decoder = Decoder()
    assert read(decoder, [Upload(ORIGIN, 7, 9).write(), b"\x00\x01x"]) == []
    with pytest.raises(InputError, match=f"entry 8: has {MAX_ENTRY_BYTES + 1:,} bytes"):
        read(decoder, [(MAX_ENTRY_BYTES + 1).to_bytes(2, "big")])


def test_the_longest_entry_is_read() -> None:
    package = Package(0, 1, (bytes(MAX_ENTRY_BYTES),), (bytes(32),) * 63)
    assert read(Decoder(), [Upload(ORIGIN, 0, 1).write() + package.write()]) == [package]


def test_a_proof_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(InputError, match="package from 7 on: a proof has at most 63 hashes, this one 64"):
        read(Decoder(), [Upload(ORIGIN, 7, 8).write() + b"\x00\x01x" + b"\x40"])


@pytest.mark.parametrize(("start", "end"), [(7, 7), (0, 700)])
def test_bytes_behind_the_last_package_are_refused(start: int, end: int) -> None:
    for pieces in ([written(start, end) + b"\0"], [written(start, end), b"\0"]):
        decoder, packages = Decoder(), list[Package]()

        def take(decoder: Decoder = decoder, packages: list[Package] = packages) -> None:
            for piece in pieces:  # noqa: B023
                packages.extend(decoder.feed(piece))

        with pytest.raises(InputError, match="goes on after the last entry"):
            take()
        assert decoder.complete
        assert [package.end for package in packages] == [end for _, end in Upload(ORIGIN, start, end).spans()]


@pytest.mark.parametrize(
    "head",
    {
        "the end before the start": b"\0\x01x" + (8).to_bytes(8, "big") + (7).to_bytes(8, "big") + b"\0\0",
        "past 2^63 - 1": b"\0\x01x" + bytes(8) + (2**63).to_bytes(8, "big") + b"\0\0",
        "an origin that is no UTF-8": b"\0\x01\xff" + bytes(16) + b"\0\0",
    }.values(),
)
def test_a_head_that_makes_no_sense_is_refused_at_once(head: bytes) -> None:
    with pytest.raises(InputError):
        Decoder().feed(head)


@pytest.mark.parametrize(
    "fields", [(ORIGIN, -1, 0), (ORIGIN, 1, 0), ("x" * 65_536, 0, 0), (ORIGIN, 0, 0, bytes(65_536))]
)
def test_a_head_that_makes_no_sense_is_not_made(fields: tuple[str, int, int]) -> None:
    with pytest.raises(InputError):
        Upload(*fields)


@given(mangled(written(250, 300, b"ticket"), written(7, 7)), st.integers(1, 500))
@example(b"\0\0" + bytes(16) + b"\0\0", 1)
def test_whatever_is_read_was_written_so(data: bytes, size: int) -> None:
    decoder, packages = Decoder(), list[Package]()

    def decode(body: bytes) -> None:
        for at in range(0, len(body), size):
            packages.extend(decoder.feed(body[at : at + size]))

    accepted(decode, data)
    if decoder.upload is not None:
        again = decoder.upload.write() + b"".join(package.write() for package in packages)
        assert data.startswith(again)
        assert [(package.start, package.end) for package in packages] == [
            span for span, _ in zip(decoder.upload.spans(), packages, strict=False)
        ]


# ---- answers


@pytest.mark.parametrize(
    "info", [MirrorInfo(0, 0), MirrorInfo(700, 512, b"ticket"), MirrorInfo(MAX_SIZE, 7, bytes(65_535))]
)
def test_an_answer_is_read_as_it_is_written(info: MirrorInfo) -> None:
    assert mirror.parse_mirror_info(mirror.mirror_info(info.size, info.next_entry, info.ticket)) == info


def test_an_answer_is_what_the_specification_says() -> None:
    assert mirror.mirror_info(700, 512, b"ticket") == b"700\n512\ndGlja2V0\n"
    assert mirror.mirror_info(700, 512) == b"700\n512\n\n"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"700\n512\n",
        b"700\n512\n\n\n",
        b"700\n512\ndGlja2V0",
        b"0700\n512\n\n",
        b"700\n-1\n\n",
        b"700\n512\ndGlja2V\n",
        b"700\r\n512\r\n\r\n",
        b"700\n512\n" + b"AAAA" * 21_846 + b"\n",
        b"700\n512\n" + b"A" * 200_000 + b"\n",
        b"\xff\n512\n\n",
    ],
)
def test_an_answer_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        mirror.parse_mirror_info(data)


@given(mangled(b"700\n512\ndGlja2V0\n", b"0\n0\n\n"))
def test_whatever_answer_is_read_is_written_as_it_was(data: bytes) -> None:
    info = accepted(mirror.parse_mirror_info, data)
    if info is not None:
        assert mirror.mirror_info(info.size, info.next_entry, info.ticket) == data

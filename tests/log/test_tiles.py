"""Paths, bundles, and the right edge of a tree against trees written out in full."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.errors import InputError
from millpond.log import proofs
from millpond.log.merkle import Range, fold, leaf_hash
from millpond.log.tiles import (
    Edge,
    Tile,
    decode_bundle,
    encode_bundle,
    entries_path,
    hashes_in,
    parse_path,
    tile_path,
    tiles_of,
    width_at,
)


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("tile/0/000", Tile(0, 0)),
        ("tile/0/x001/x234/067", Tile(0, 1_234_067)),
        ("tile/63/999.p/255", Tile(63, 999, 255)),
        ("tile/2/x001/000.p/1", Tile(2, 1000, 1)),
        ("tile/entries/000", Tile(None, 0)),
        ("tile/entries/x273/000.p/112", Tile(None, 273_000, 112)),
    ],
)
def test_each_tile_has_one_path(path: str, tile: Tile) -> None:
    assert parse_path(path) == tile
    assert tile.path == path


@pytest.mark.parametrize(
    "path",
    [
        "", "tile", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000", "tile/64/000",
        "tile/-1/000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/",
        "tile/0/000.p", "tile/0/x000/001", "tile/0/001/002", "tile/0/x001", "tile/entries/../000",
        "tile/0/000/", "/tile/0/000", "tile/0/000\n", "tile/0/٠٠٠", "tile/data/000",
        "tile/0/" + "x001/" * 20 + "000", "tile/entries/x00/000",
    ],
)  # fmt: skip
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(InputError, match="is no path"):
        parse_path(path)


@given(st.text(alphabet="tile/entrsx.p0123456789", max_size=60))
def test_no_text_makes_trouble(text: str) -> None:
    try:
        tile = parse_path(text)
    except InputError:
        return
    assert tile.path == text


@given(st.integers(0, 63), st.integers(0, 2**55), st.integers(1, 256))
def test_paths_are_read_as_they_are_written(level: int, number: int, width: int) -> None:
    assert parse_path(tile_path(level, number, width)) == Tile(level, number, width)
    assert parse_path(entries_path(number, width)) == Tile(None, number, width)


def test_the_example_of_the_specification() -> None:
    tiles = list(tiles_of(70_000))
    by_level = {level: [tile for tile in tiles if tile.level == level] for level in (None, 0, 1, 2, 3)}
    assert [len(by_level[level]) for level in (None, 0, 1, 2, 3)] == [274, 274, 2, 1, 0]
    assert by_level[0][-1] == Tile(0, 273, 112)
    assert by_level[1] == [Tile(1, 0), Tile(1, 1, 17)]
    assert by_level[2] == [Tile(2, 0, 1)]
    assert list(tiles_of(256)) == [Tile(None, 0), Tile(0, 0), Tile(1, 0, 1)]
    assert not list(tiles_of(0))
    for tile in tiles:
        assert width_at(tile.level, tile.number, 70_000) == tile.width
    assert width_at(0, 274, 70_000) == 0


@given(st.lists(st.binary(max_size=300), max_size=20), st.binary(max_size=5))
def test_bundles_are_read_as_they_are_written(entries: list[bytes], more: bytes) -> None:
    data = encode_bundle(entries)
    assert decode_bundle(data) == (entries, len(data))
    for cut in range(0, len(data), 7):
        found, taken = decode_bundle(data[:cut])
        assert found == entries[: len(found)]
        assert taken == len(encode_bundle(found))


def test_no_more_entries_are_read_than_are_wanted() -> None:
    assert decode_bundle(bytes(1_000), 3) == ([b"", b"", b""], 6)
    assert decode_bundle(bytes(4), 3) == ([b"", b""], 4)
    assert decode_bundle(bytes(4), 0) == ([], 0)


def test_the_longest_entry() -> None:
    entry = bytes(65_535)
    assert decode_bundle(encode_bundle([entry])) == ([entry], 65_537)


SIZES = (0, 1, 2, 255, 256, 257, 511, 512, 700, 65_535, 65_536, 65_537, 66_100)
LEAVES = [leaf_hash(n.to_bytes(4, "big")) for n in range(max(SIZES))]


def test_the_edge_makes_the_tiles_of_the_definition() -> None:
    """Added in steps of many sizes: what is full comes out once, what is not stands in the edge."""
    edge, full = Edge(), {}
    for size in SIZES:
        for level, number, hashes in edge.extend(LEAVES[edge.size : size]):
            assert (level, number) not in full
            full[level, number] = hashes
        again = Edge(Range(edge.size, edge.range.hashes), edge.partial)
        assert again.range.root() == edge.range.root()
        for tile in tiles_of(size):
            if tile.level is None:
                continue
            has = full.get((tile.level, tile.number)) or bytes(edge.partial[tile.level])
            assert len(has) == 32 * tile.width
            span = 256**tile.level
            first = tile.number * 256 * span
            for at in {0, tile.width // 2, tile.width - 1}:
                expected = fold(b"".join(LEAVES[first + at * span : first + (at + 1) * span]))
                assert has[32 * at : 32 * at + 32] == expected
        tree = Range()
        for leaf in LEAVES[:size]:
            tree.push(leaf)
        assert edge.range.root() == tree.root()
    assert len(full) == sum(tile.width == 256 and tile.level is not None for tile in tiles_of(SIZES[-1]))


def test_one_by_one_is_the_same_as_all_at_once() -> None:
    alone, together, full = Edge(), Edge(), []
    for leaf in LEAVES[:1000]:
        full += alone.extend([leaf])
    assert full == together.extend(LEAVES[:1000])
    assert alone.partial == together.partial
    assert alone.range.hashes == together.range.hashes


def test_an_edge_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match="partial tile of level 0"):
        Edge(Range(1, LEAVES[:1]), [b""])


@pytest.mark.parametrize("size", [1, 255, 256, 300, 66_100])
def test_proofs_are_made_from_tiles(size: int) -> None:
    edge = Edge()
    full = {(level, number): hashes for level, number, hashes in edge.extend(LEAVES[:size])}

    def tile(level: int, number: int) -> bytes:
        return full.get((level, number)) or bytes(edge.partial[level])

    root = edge.range.root()
    for index in {0, 1, size // 2, size - 2, size - 1} & set(range(size)):
        proof = proofs.inclusion_proof(index, size, hashes_in(tile))
        proofs.verify_inclusion(index, size, LEAVES[index], proof, root=root)
    for old in {1, size // 3, size - 1, size} & set(range(1, size + 1)):
        older = Edge()
        older.extend(LEAVES[:old])
        proof = proofs.consistency_proof(old, size, hashes_in(tile))
        proofs.verify_consistency(old, size, older.range.root(), proof, root=root)


def test_a_tile_that_is_too_short_is_said() -> None:
    with pytest.raises(InputError, match="tile/0/000 does not reach far enough"):
        hashes_in(lambda level, number: b"")(0, 3)

"""A folder as a source: what a stick that is pulled out, half a copy or a trap comes to."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from static_logs import entries_of, key_of, write_log
from static_server import all_of

from millpond.errors import PeerError, Unreachable
from millpond.log.tiles import Tile
from millpond.network.sources import FolderSource

KEY = key_of(1)
ENTRIES = entries_of(1_000)


def test_a_stick_that_is_pulled_out_is_unreachable(tmp_path: Path) -> None:
    folder = write_log(tmp_path / "stick", ENTRIES, KEY)
    source = FolderSource(folder)

    async def job() -> None:
        pieces = source.entries(0, 1_000)
        assert await anext(pieces) == ENTRIES[:256]
        folder.rename(tmp_path / "gone")
        with pytest.raises(Unreachable, match="drive"):
            await anext(pieces)
        for asked in (source.checkpoint(), source.tile(Tile(0, 0)), source.attachment("0" * 64, 9)):
            with pytest.raises(Unreachable):
                await asked

    asyncio.run(job())


def test_a_copy_that_is_not_whole_is_told(tmp_path: Path) -> None:
    folder = write_log(tmp_path, ENTRIES, KEY)
    bundle = folder / "tile/entries/002"
    bundle.write_bytes(bundle.read_bytes()[:1_000])
    entries, problem = asyncio.run(all_of(FolderSource(folder)))
    assert entries == ENTRIES[: len(entries)]
    assert 512 < len(entries) < 768
    assert problem.startswith("PeerError")
    bundle.unlink()
    assert asyncio.run(all_of(FolderSource(folder))) == (
        ENTRIES[:512],
        f"PeerError: {folder}: does not have tile/entries/002, though its checkpoint covers it; another may",
    )


def test_nothing_outside_the_folder_is_read(tmp_path: Path) -> None:
    """Links, at the end and on the way; what is no file; a folder where a file should be."""
    elsewhere = write_log(tmp_path / "elsewhere", ENTRIES, KEY)
    folder = tmp_path / "stick"
    folder.mkdir()
    (folder / "checkpoint").symlink_to(elsewhere / "checkpoint")
    (folder / "tile").symlink_to(elsewhere / "tile")
    (folder / "attachments" / ("0" * 64)).mkdir(parents=True)
    os.mkfifo(folder / "attachments" / ("1" * 64))
    (folder / "attachments" / ("2" * 64)).symlink_to(folder / "nowhere")
    source = FolderSource(folder)

    async def job() -> None:
        wrong = [source.checkpoint(), source.tile(Tile(0, 0))]
        wrong += [source.attachment(digit * 64, 9) for digit in "012"]
        for asked in wrong:
            with pytest.raises(PeerError, match=r"link|no file"):
                await asked
        assert (await all_of(source))[0] == []

    asyncio.run(job())


def test_a_folder_without_the_log_does_not_have_it(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="does not have this log"):
        asyncio.run(FolderSource(tmp_path).checkpoint())
    with pytest.raises(Unreachable):
        asyncio.run(FolderSource(tmp_path / "missing").checkpoint())
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(PeerError, match="no folder"):
        asyncio.run(FolderSource(tmp_path / "file").checkpoint())
